#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
# Mail::SPF on the scripts of tests/unit/auth/spf_play: a line {"result"} each.
use strict;
use warnings;
use JSON::PP;
use Mail::SPF;
use Net::DNS;

package Zone;
our $script;

sub new { return bless {}, shift }
sub errorstring { return $_[0]{error} // '' }

sub send {
    my ($self, $name, $type) = @_;
    $self->{error} = '';
    if (grep { $_ eq $name } @{$script->{fails}}) {
        $self->{error} = 'SERVFAIL';
        return undef;
    }
    my $packet = Net::DNS::Packet->new($name || '.', $type);
    my $found = $script->{zone}{$name};
    $packet->header->rcode($found ? 'NOERROR' : 'NXDOMAIN');
    for my $value (@{$found->{$type} // []}) {
        my %data = $type eq 'TXT' ? (txtdata => [unpack('(a255)*', $value)])
            : $type eq 'MX' ? (preference => 10, exchange => $value)
            : $type eq 'PTR' ? (ptrdname => $value) : (address => $value);
        $packet->push(answer => Net::DNS::RR->new(name => $name, type => $type, %data));
    }
    return $packet;
}

package main;
$| = 1;
my $json = JSON::PP->new->canonical;
while (my $line = <STDIN>) {
    $Zone::script = $json->decode($line);
    my $said = eval {
        my $server = Mail::SPF::Server->new(dns_resolver => Zone->new, hostname => 'unknown');
        my $request = Mail::SPF::Request->new(scope => 'mfrom', identity => $Zone::script->{sender},
            ip_address => $Zone::script->{ip}, helo_identity => $Zone::script->{helo});
        $server->process($request)->code;
    };
    print $json->encode({result => defined $said ? $said : "$@"}), "\n";
}
