"""The words that people and other programs write for closed sets of values, in English and German."""

from collections.abc import Mapping

from licensing.importing.texts import comparable


def _spellings(words: Mapping[str, str]) -> dict[str, str]:
    """From "code: spellings, separated by bars" to comparable spelling → code; the code is a spelling of itself."""
    return {
        comparable(spelling): code for code, spellings in words.items() for spelling in (code, *spellings.split("|"))
    }


MODELS = _spellings(
    {
        "perpetual": "perpetual licence|perpetual license|permanent|purchase|one-time purchase|kauf|kauflizenz|"
        "dauerlizenz|unbefristet|dauerhaft|einmalkauf",
        "subscription": "subscribed|term|term licence|rental|saas|cloud|abo|abonnement|miete|mietlizenz|befristet|"
        "laufzeitlizenz",
        "trial": "evaluation|test licence|test|testlizenz|testversion|probe|demo",
        "floating": "concurrent|network|network licence|server licence|shared|netzwerk|netzwerklizenz|gleitend|"
        "serverlizenz|mehrplatz",
        "node_locked": "node-locked|machine|machine-bound|single machine|device-locked|einzelplatz|einzelplatzlizenz|"
        "gerätegebunden|maschinengebunden|arbeitsplatzgebunden",
        "site": "site licence|campus|company-wide|enterprise-wide|unlimited|standort|standortlizenz|unternehmenslizenz|"
        "konzernlizenz|campuslizenz",
    }
)

METRICS = _spellings(
    {
        "named_user": "named users|user|users|per user|named|person|employee|seat|seats|nutzer|benutzer|named-user|"
        "benannter nutzer|benannte nutzer|benannter benutzer|pro nutzer|pro benutzer|mitarbeiter",
        "device": "devices|per device|computer|pc|workstation|installation|install|gerät|geräte|pro gerät|rechner|"
        "arbeitsplatz|endgerät",
        "concurrent_user": "concurrent users|concurrent|floating|session|sessions|simultaneous user|"
        "gleichzeitige nutzer|gleichzeitige benutzer|concurrent-user|sitzung",
        "core": "cores|per core|processor core|cpu core|kern|kerne|pro kern|prozessorkern",
        "unit": "units|piece|pieces|each|stück|stk|einheit|einheiten",
        "site": "sites|per site|location|standort|pro standort|unternehmen|company|organisation",
    }
)

BILLING_PERIODS = _spellings(
    {
        "once": "one-time|one time|upfront|single|einmalig|einmal",
        "monthly": "month|per month|a month|1 month|monat|monatlich|pro monat",
        "quarterly": "quarter|per quarter|3 months|quartal|quartalsweise|vierteljährlich|pro quartal",
        "yearly": "year|annual|annually|per year|per annum|p.a.|a year|1 year|12 months|jahr|jährlich|pro jahr|"
        "12 monate",
    }
)
