"""Why something did not pass at Braze, declared: codes, what they mean and what to do."""

from onefold.plugin import Code

_FIX_DATA = "Correct the value where it comes from, or change the mapping, then replay the dead letter."

CODES = (
    Code("activate.anonymous", "The person has no user id, and the goal leaves such people out.", ""),
    Code(
        "activate.no_match_key", "The person has none of the identifiers that the goal finds people by.", ""
    ),
    Code("activate.braze.value", "A field's value is not what Braze takes for that field.", _FIX_DATA),
    Code(
        "activate.braze.type",
        "Braze holds the attribute in a type that the value cannot become; it would ignore the value.",
        "State that type in the mapping and correct the value at its source, or map it to another attribute.",
    ),
    Code(
        "activate.braze.blocklisted",
        "The attribute is on Braze's blocklist: Braze would take it and keep nothing.",
        "Take it off the blocklist in Braze (Data Settings), or take the row out of the mapping.",
    ),
    Code("activate.braze.external_id", "The user id is longer than 987 bytes.", "Shorten it at its source."),
    Code(
        "activate.braze.id_taken",
        "A person was not renamed in Braze: their new external id belongs to another user there.",
        "Nothing: everything was sent to that user. Merge the old one into it in Braze if you like.",
    ),
    Code(
        "activate.braze.id_not_renamed",
        "A person was not renamed in Braze: nobody there has the old external id as the current one.",
        "Nothing: everything was sent to the new one.",
    ),
    Code("activate.braze.alias", "The anonymous id is longer than 236 bytes.", "Shorten it at its source."),
    Code("activate.braze.event_name", "The event's name is longer than 255 characters.", "Rename the event."),
    Code(
        "activate.braze.properties_too_large",
        "The properties are larger than 100 KB.",
        "Send less with the event, or leave this event out of the goal.",
    ),
    Code(
        "activate.braze.purchase", "The order or one of its products is not a purchase for Braze.", _FIX_DATA
    ),
    Code(
        "activate.braze.ecommerce",
        "The event lacks what a recommended e-commerce event needs, or Braze takes another value there.",
        _FIX_DATA,
    ),
    Code("activate.braze.item", "Braze refused the object; its own words say why.", _FIX_DATA),
    Code(
        "activate.braze.refused",
        "Braze refused a request that holds this object alone.",
        "See what Braze answered; correct the data, then replay the dead letter.",
    ),
    Code(
        "activate.braze.credentials",
        "Braze does not know the key at this address.",
        "Check that the key and the endpoint are of the same instance; keys are shown once, when created.",
    ),
    Code(
        "activate.braze.permission",
        "The key lacks a permission. Without users.identify, only joining anonymous people waits.",
        "Create a key with users.track and users.identify (and users.delete, to forward erasures): "
        "permissions of a key cannot be changed.",
    ),
    Code(
        "activate.braze.by_address",
        "An erased person may stand in Braze under an e-mail address or phone number alone.",
        "Look the address up in Braze and delete the profile there, if it is the person's.",
    ),
    Code(
        "activate.braze.wrong_address",
        "There is no Braze at this address.",
        "Take the REST endpoint from Settings > API Keys; it begins with https://rest.",
    ),
    Code(
        "activate.braze.ambiguous",
        "Several people of Braze have the e-mail or phone that a person is matched by.",
        "Match by external_id where the person has one.",
    ),
    Code(
        "activate.braze.not_exported",
        "Braze refused to tell what it holds of people.",
        "Test the connection: it shows what the key may do.",
    ),
    Code(
        "activate.braze.no_json",
        "Braze answered something that is no list of users.",
        "Nothing: it is asked again. If it stays so, check the endpoint of the connection.",
    ),
    Code(
        "acquire.braze.no_bucket",
        "Braze writes this export into a bucket that the connection does not know.",
        "Give the connection the S3 bucket that is set up in Braze under Technology Partners.",
    ),
    Code(
        "acquire.braze.expired",
        "The file that Braze made is no longer there: its address lives four hours.",
        "Run the import again.",
    ),
    Code(
        "acquire.braze.no_export",
        "Braze has not delivered the export in time.",
        "Braze mails the reason to the workspace's contacts. Run again, or give it more time.",
    ),
    Code(
        "acquire.braze.refused", "Braze refused the export.", "Is the audience still there? Choose it again."
    ),
    Code(
        "acquire.braze.no_json",
        "Braze answered something that is not JSON.",
        "Check the endpoint of the connection.",
    ),
    Code(
        "acquire.braze.bad_event",
        "An engagement event of Braze has no id, no person or no time, or cannot be read.",
        "Mend it and replay the dead letter, or discard it.",
    ),
    Code(
        "acquire.braze.broken_file",
        "A file of Braze Currents is broken; what could be read of it was taken.",
        "Discard the letter, or ask Braze to write the events again.",
    ),
    Code("acquire.braze.test_event", "A test event of Braze's dashboard: it is left out.", ""),
    Code("acquire.braze.echo", "Braze tells of an event that Onefold sent there: it is left out.", ""),
    Code(
        "activate.braze.message",
        "Braze answered without saying that it succeeded.",
        "Nothing: it is retried.",
    ),
)
