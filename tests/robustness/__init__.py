"""Whatever is wrong with a request, whoever sent it is told: no address answers with a mistake of the program."""
