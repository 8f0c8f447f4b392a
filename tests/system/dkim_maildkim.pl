#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
# Mail::DKIM on the scripts of tests/unit/auth/dkim_play: a line {"passes", "problem"} each, of the first signature.
use strict;
use warnings;
use JSON::PP;
use MIME::Base64;
use Mail::DKIM::Verifier;
use Net::DNS;

package Zone;
our $script;

sub new { return bless {}, shift }
sub errorstring { return '' }

sub send {
    my ($self, $name, $type) = @_;
    my $packet = Net::DNS::Packet->new($name, $type);
    my $found = $script->{zone}{lc $name};
    $packet->header->rcode($found ? 'NOERROR' : 'NXDOMAIN');
    for my $value (@{$found // []}) {
        my $text = MIME::Base64::decode_base64($value);
        $packet->push(answer => Net::DNS::RR->new(name => $name, type => 'TXT', txtdata => [unpack('(a255)*', $text)]));
    }
    return $packet;
}

sub query { return shift->send(@_) }

package main;
$| = 1;
Mail::DKIM::DNS::resolver(Zone->new);
my $json = JSON::PP->new->canonical;
while (my $line = <STDIN>) {
    $Zone::script = $json->decode($line);
    my $said = eval {
        my $verifier = Mail::DKIM::Verifier->new;
        $verifier->PRINT(decode_base64($Zone::script->{message}));
        $verifier->CLOSE;
        $verifier->result_detail;
    };
    my $problem = defined $said ? $said : "fault: $@";
    print $json->encode({passes => $problem =~ /^pass/ ? JSON::PP::true : JSON::PP::false, problem => $problem}), "\n";
}
