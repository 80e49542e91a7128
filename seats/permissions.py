"""Permissions that seats/ owns."""

PERMISSIONS: dict[str, str] = {
    "seats.pool.view": "See pools of seats, their capacity and how much of it is used.",
    "seats.pool.manage": "Create pools, feed them with rights and set their capacity.",
    "seats.assignment.view": "See who holds which seats.",
    "seats.assignment.manage": "Assign and release seats of every product.",
    "seats.group_rule.manage": "Say which groups of the directory bring seats of which pools.",
    "seats.departure.view": "See who left while holding seats, and what became of these.",
    "seats.departure.decide": "Confirm or keep the seats of leavers, and say what becomes of them.",
    "seats.own.use": "See what one holds, give it back, and ask for a seat.",
    "seats.reclamation.view": "See reclamation rules, the seats that they ask back, exemptions and what is saved.",
    "seats.reclamation.manage": "Make and stop reclamation rules, exempt from them, and decide about every seat.",
    "seats.reclamation.decide": "Decide about kept seats where a rule names one as the approver, and undo.",
    "seats.assignment.manage_own": "Assign and release seats of products that one answers for.",
}
