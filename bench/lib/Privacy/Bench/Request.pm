# Licensed under the Apache License, Version 2.0; see LICENSE.

# What one request costs in instructions: the same file of 1 KB each time, asked for with
# 20 cookies, as a document, or with nothing at all.
package Privacy::Bench::Request;

use strict;
use warnings;

use Exporter qw(import);

use Privacy::Bench::Callgrind;
use Privacy::Bench::Workload;

our @EXPORT = qw(request_lines cost);

# The header lines of a request; `domains` has a host with parents, for which a cookie
# may have been set.
my %request = (
    cookies  => 'Cookie: ' . cookies(),
    document => join("\r\n", 'Cookie: ' . cookies(), 'Sec-Fetch-Dest: document'),
    domains  => join("\r\n", 'Cookie: ' . cookies(), 'Sec-Fetch-Dest: document'),
    nothing  => undef,
);
my %host = (domains => 'www.example.org');

# Another one, under a name of its own.
sub request_lines {
    my ($name, $lines) = @_;
    $request{$name} = $lines;
    return;
}

# Instructions of a request: the case's name, its configuration (without a directive of
# ours: without the module), its request, and how many Set-Cookie its response has: what
# is measured is what is meant. So many requests are counted, after so many that warm the server up.
sub cost {
    my ($warm, $count, $name, $conf, $request, $set_cookies) = @_;
    my $module = $conf =~ /^Privacy/m;
    my $host = $host{$request} || 'localhost';
    return per_request(
        $name,
        conf    => $conf,
        privacy => $module ? 1 : 0,
        modules => [ 'headers', $conf =~ /^SetEnvIf/m ? 'setenvif' : () ],
        files   => { '/f.bin' => 'x' x 1024 },
        warm    => $warm,
        count   => $count,
        request => join("\r\n", 'GET /f.bin HTTP/1.1', "Host: $host", $request{$request} // (), '', ''),
        check   => sub {
            my $got = grep { length } $_[0]->set_cookies;
            $got == $set_cookies && length $_[0]->body == 1024 or die "$got Set-Cookie instead of $set_cookies\n", $_[0]->head;
        },
    );
}

1;
