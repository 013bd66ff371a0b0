"""How Braze's engagement events are called here: the one table, and the rule for types that it does not have.

In: an event type, as Braze's glossary of Currents (July 2026) has it. Out: a readable name. Opens by a mail
program and clicks by a suspected bot have names of their own: they are nobody's interest, and whoever counts
opened messages must not count them.
"""

import re

NAMES = {
    "agentconsole.AgentExecuted": "Agent Executed",
    "agentconsole.ToolInvocation": "Agent Tool Used",
    "users.RandomBucketNumberUpdate": "Random Bucket Number Updated",
    "users.UserDeleteRequest": "Braze User Deletion Requested",
    "users.UserOrphan": "Braze User Orphaned",
    "users.profile.Update": "Braze Profile Updated",
    "users.behaviors.CustomEvent": "Braze Custom Event",
    "users.behaviors.InstallAttribution": "App Install Attributed",
    "users.behaviors.Location": "Location Reported",
    "users.behaviors.Purchase": "Braze Purchase",
    "users.behaviors.Uninstall": "App Uninstalled",
    "users.behaviors.app.FirstSession": "App First Session Started",
    "users.behaviors.app.SessionEnd": "App Session Ended",
    "users.behaviors.app.SessionStart": "App Session Started",
    "users.behaviors.liveactivity.PushToStartTokenChange": "Live Activity Start Token Changed",
    "users.behaviors.liveactivity.UpdateTokenChange": "Live Activity Update Token Changed",
    "users.behaviors.pushnotification.TokenStateChange": "Push Token Changed",
    "users.behaviors.subscription.GlobalStateChange": "Subscription Changed",
    "users.behaviors.subscriptiongroup.StateChange": "Subscription Group Changed",
    "users.campaigns.Conversion": "Campaign Converted",
    "users.campaigns.EnrollInControl": "Campaign Control Group Entered",
    "users.canvas.Conversion": "Canvas Converted",
    "users.canvas.Entry": "Canvas Entered",
    "users.canvas.costep.Send": "Canvas Optimizer Step Sent",
    "users.canvas.exit.MatchedAudience": "Canvas Exited by Audience",
    "users.canvas.exit.PerformedEvent": "Canvas Exited by Event",
    "users.canvas.experimentstep.Conversion": "Canvas Experiment Converted",
    "users.canvas.experimentstep.SplitEntry": "Canvas Experiment Entered",
    "users.canvasstep.Progression": "Canvas Step Progressed",
    "users.messages.banner.Abort": "Banner Aborted",
    "users.messages.banner.Click": "Banner Clicked",
    "users.messages.banner.Dismiss": "Banner Dismissed",
    "users.messages.banner.Impression": "Banner Viewed",
    "users.messages.contentcard.Abort": "Content Card Aborted",
    "users.messages.contentcard.Click": "Content Card Clicked",
    "users.messages.contentcard.Dismiss": "Content Card Dismissed",
    "users.messages.contentcard.Impression": "Content Card Viewed",
    "users.messages.contentcard.Send": "Content Card Sent",
    "users.messages.email.Abort": "Email Aborted",
    "users.messages.email.Bounce": "Email Bounced",
    "users.messages.email.Click": "Email Clicked",
    "users.messages.email.Deferral": "Email Deferred",
    "users.messages.email.Delivery": "Email Delivered",
    "users.messages.email.MarkAsSpam": "Email Marked as Spam",
    "users.messages.email.Open": "Email Opened",
    "users.messages.email.Retry": "Email Retried",
    "users.messages.email.Send": "Email Sent",
    "users.messages.email.SoftBounce": "Email Soft Bounced",
    "users.messages.email.Unsubscribe": "Email Unsubscribed",
    "users.messages.featureflag.Impression": "Feature Flag Viewed",
    "users.messages.inappmessage.Abort": "In-App Message Aborted",
    "users.messages.inappmessage.Click": "In-App Message Clicked",
    "users.messages.inappmessage.Impression": "In-App Message Viewed",
    "users.messages.line.Abort": "LINE Aborted",
    "users.messages.line.Click": "LINE Clicked",
    "users.messages.line.InboundReceive": "LINE Received",
    "users.messages.line.Retry": "LINE Retried",
    "users.messages.line.Send": "LINE Sent",
    "users.messages.liveactivity.Outcome": "Live Activity Outcome Reported",
    "users.messages.liveactivity.Send": "Live Activity Sent",
    "users.messages.pushnotification.Abort": "Push Aborted",
    "users.messages.pushnotification.Bounce": "Push Bounced",
    "users.messages.pushnotification.IosForeground": "Push Received in Foreground",
    "users.messages.pushnotification.Open": "Push Opened",
    "users.messages.pushnotification.Retry": "Push Retried",
    "users.messages.pushnotification.Send": "Push Sent",
    "users.messages.rcs.Abort": "RCS Aborted",
    "users.messages.rcs.Click": "RCS Clicked",
    "users.messages.rcs.Delivery": "RCS Delivered",
    "users.messages.rcs.InboundReceive": "RCS Received",
    "users.messages.rcs.Read": "RCS Read",
    "users.messages.rcs.Rejection": "RCS Rejected",
    "users.messages.rcs.Send": "RCS Sent",
    "users.messages.sms.Abort": "SMS Aborted",
    "users.messages.sms.CarrierSend": "SMS Sent to Carrier",
    "users.messages.sms.Delivery": "SMS Delivered",
    "users.messages.sms.DeliveryFailure": "SMS Failed",
    "users.messages.sms.InboundReceive": "SMS Received",
    "users.messages.sms.Rejection": "SMS Rejected",
    "users.messages.sms.Retry": "SMS Retried",
    "users.messages.sms.Send": "SMS Sent",
    "users.messages.sms.ShortLinkClick": "SMS Clicked",
    "users.messages.webhook.Abort": "Webhook Aborted",
    "users.messages.webhook.Failure": "Webhook Failed",
    "users.messages.webhook.Retry": "Webhook Retried",
    "users.messages.webhook.Send": "Webhook Sent",
    "users.messages.whatsapp.Abort": "WhatsApp Aborted",
    "users.messages.whatsapp.Click": "WhatsApp Clicked",
    "users.messages.whatsapp.Delivery": "WhatsApp Delivered",
    "users.messages.whatsapp.Failure": "WhatsApp Failed",
    "users.messages.whatsapp.InboundReceive": "WhatsApp Received",
    "users.messages.whatsapp.Read": "WhatsApp Read",
    "users.messages.whatsapp.Retry": "WhatsApp Retried",
    "users.messages.whatsapp.Send": "WhatsApp Sent",
}
MACHINE_OPEN = "Email Opened by Machine"
BY_BOT = " by Bot"
"""Behind the name of a click that Braze suspects to be a bot's."""
CHANNELS = {
    "banner": "Banner",
    "campaigns": "Campaign",
    "canvas": "Canvas",
    "contentcard": "Content Card",
    "email": "Email",
    "featureflag": "Feature Flag",
    "inappmessage": "In-App Message",
    "line": "LINE",
    "liveactivity": "Live Activity",
    "pushnotification": "Push",
    "rcs": "RCS",
    "sms": "SMS",
    "webhook": "Webhook",
    "whatsapp": "WhatsApp",
}
MESSAGES = ["users", "messages"]
"""The first parts of a type that is of a channel's messages."""
UNSPOKEN = frozenset({"users", "messages", "behaviors"})
PAST = {
    "Abort": "Aborted",
    "Bounce": "Bounced",
    "Click": "Clicked",
    "Delivery": "Delivered",
    "Dismiss": "Dismissed",
    "Failure": "Failed",
    "Impression": "Viewed",
    "InboundReceive": "Received",
    "Open": "Opened",
    "Rejection": "Rejected",
    "Retry": "Retried",
    "Send": "Sent",
}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z\W_]+")
NAME_CHARS_MAX = 200


def name_of(event_type: str) -> str:
    """The name of a type: by the table, else its last two parts in words (`users.messages.fax.Send`: Fax
    Sent). A type without words is its own name."""
    known = NAMES.get(event_type)
    if known is not None:
        return known
    *before, last = event_type.split(".")
    spoken = [CHANNELS.get(part) or _words(part) for part in before[-1:] if part not in UNSPOKEN]
    words = " ".join(part for part in (*spoken, PAST.get(last) or _words(last)) if part)
    return (words or event_type)[:NAME_CHARS_MAX]


def channel_of(event_type: str) -> str:
    """The channel of a message's event, in lower case; empty for others."""
    parts = event_type.split(".")
    if parts[:2] != MESSAGES or len(parts) < 4:
        return ""
    return (CHANNELS.get(parts[2]) or parts[2]).lower()


def _words(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in _WORD.findall(text))
