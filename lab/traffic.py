"""Mail as people and abusers send it: sessions of SMTP, runs of the sendmail command. Runs inside a host (mail.run_in).

Every function is bounded by what it is given, and returns what the server took: {"messages", "recipients", "refused"}.
"""
import concurrent.futures
import os
import smtplib
import ssl
import subprocess

AT_ONCE = 6
SUBMISSION, SMTP = 587, 25


def add(*counts):
    total = {"messages": 0, "recipients": 0, "refused": 0}
    for one in counts:
        for key in total:
            total[key] += one[key]
    return total


def text_of(mail):
    """@param mail {"from", "to", "subject", "body", "header_from" if it differs}"""
    return (f"From: {mail.get('header_from', mail['from'])}\r\nTo: {mail.get('header_to') or ', '.join(mail['to'])}\r\n"
            f"Subject: {mail['subject']}\r\n\r\n{mail['body']}\r\n")


def session(row):
    """One connection. @param row {"source", "server", "port", "helo", "login", "password", "tls", "mails"}"""
    count = add()
    try:
        with smtplib.SMTP(row["server"], row.get("port", SMTP), row.get("helo", "client"), timeout=30,
                          source_address=(row["source"], 0)) as smtp:
            if row.get("tls"):
                smtp.starttls(context=ssl._create_unverified_context())
            if row.get("login"):
                try:
                    smtp.login(row["login"], row["password"])
                except smtplib.SMTPAuthenticationError:
                    return {**count, "refused": 1}
            for mail in row["mails"]:
                try:
                    refused = smtp.sendmail(mail["from"], mail["to"], text_of(mail).encode())
                    count["messages"] += 1
                    count["recipients"] += len(mail["to"]) - len(refused)
                    count["refused"] += len(refused)
                except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError):
                    count["refused"] += len(mail["to"])
                    smtp.rset()
    except (smtplib.SMTPServerDisconnected, ConnectionError):
        pass        # a server that has had enough of us; what it took is counted
    return count


def sessions(rows):
    """Several connections, some at a time."""
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        return add(*pool.map(session, rows))


def _as_user(uid):
    def become():
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
    return become


def command(mail, uid, argv, folder):
    """One run of a program that reads a message and mails it, as a local user."""
    run = subprocess.run(argv, input=text_of(mail).replace("\r\n", "\n").encode(), preexec_fn=_as_user(uid), cwd=folder,
                         env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "FROM": mail["from"]},
                         stdout=subprocess.DEVNULL)
    good = run.returncode == 0
    return {"messages": int(good), "recipients": len(mail["to"]) * good, "refused": int(not good)}


def commands(mails, uid, argv, folder):
    """@param argv as in subprocess; the message comes on its standard input"""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return add(*pool.map(lambda mail: command(mail, uid, argv, folder), mails))
