<?php
// What strangers lay into upload folders: mails what it is given on standard input through PHP's mail().
[$head, $body] = explode("\n\n", stream_get_contents(STDIN), 2);
$of = [];
foreach (explode("\n", $head) as $line) {
	[$name, $value] = explode(": ", $line, 2);
	$of[$name] = $value;
}
exit(mail($of["To"], $of["Subject"], $body, "From: " . $of["From"]) ? 0 : 1);
