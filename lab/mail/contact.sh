#!/bin/sh
# A contact form's back end: mails what it is given on standard input. TO and FROM come from the form, unchecked.
cd "$(dirname "$0")" || exit 1
exec /usr/sbin/sendmail -t -i ${FROM:+-f "$FROM"}
