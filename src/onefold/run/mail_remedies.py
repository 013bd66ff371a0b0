"""What to do about a mail that was not sent, by its code; said where it fails, and of those that wait."""

REMEDIES = {
    "mail.not_set_up": "Set `host` and `sender` in [mail] of onefold.toml, and restart.",
    "mail.no_certificates": "See mail.ca_file.",
    "mail.no_password": "See mail.password_file.",
    "mail.tls": "Is mail.tls right for the port? Does mail.ca_file hold the certificate of who signed it?",
    "mail.credentials": "See mail.user and mail.password.",
    "mail.not_supported": "Does it offer STARTTLS, and a way to sign in that we know? See mail.tls.",
    "mail.refused": "See the address, and whether the server lets mail.sender send.",
    "mail.put_off": "Nothing: it is tried again.",
    "mail.unreachable": "See mail.host, mail.port and the network.",
}
