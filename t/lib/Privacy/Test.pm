# Licensed under the Apache License, Version 2.0; see LICENSE.

# The words of a .t file; t/README says how to use them.
package Privacy::Test;

use strict;
use warnings;

use Exporter qw(import);
use Test::More;

use Privacy::Backend;
use Privacy::Httpd;

our @EXPORT = (
    qw(httpd backend mirror answering configtest consent says echo_env needs_module wait_until expect_log expect_report done),
    @Test::More::EXPORT,
);

# httpd(conf => …, modules => […], …): a running server.
sub httpd { return Privacy::Httpd->new(@_)->start }

# backend(sub { my ($request, $connection) = @_; … }): an origin server.
sub backend { return Privacy::Backend->new(@_) }

# An origin server that answers with the header lines its URL asks for, and with
# the request that it got as the body.
sub mirror {
    return backend(sub {
        my ($request, $connection) = @_;
        my ($query) = $request->target =~ /\?(.*)/s;
        my @lines = map { s/%([0-9a-fA-F]{2})/chr hex $1/ger } split /&/, $query // '';
        return $connection->reply('200 OK', [ 'Content-Type: text/plain', @lines ], $request->head);
    });
}

# Wait until something is so, and say whether it was in time.
sub wait_until { return Privacy::Httpd::wait_until(@_) }

# The query string that makes a mirror answer with these header lines.
sub answering {
    return join '&', map { s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ger } @_;
}

# ($exit_code, $output) of `httpd -t` on a configuration; options as httpd()'s.
sub configtest {
    my ($conf, %option) = @_;
    return Privacy::Httpd->new(%option, conf => $conf)->configtest;
}

# The pair of the Cookie header in which a visitor's decision travels:
# consent('analytics=1', 'remarketing=0', 'p=2').
sub consent {
    my %given = map { split /=/, $_, 2 } @_;
    my %known = (v => 1, p => 1, t => time, %given);
    my @categories = map { s/=.*//sr } grep { !/^[vpt]=/ } @_;
    return 'privacy_consent=' . join '&', map { "$_=$known{$_}" } qw(v p t), @categories;
}

# A CGI script that answers with this text: header lines, an empty line, a body.
# It takes the request's body in first: mod_cgid resets the connection of a
# script that leaves some of it unread.
sub says {
    my ($text) = @_;
    return "#!/bin/sh\ncat >/dev/null\ncat <<'END-OF-ANSWER'\n$text" . ($text =~ /\n\z/ ? '' : "\n") . "END-OF-ANSWER\n";
}

# A CGI script that answers with its environment and these header lines.
sub echo_env {
    my $head = join "\n", 'Content-Type: text/plain', @_, '';
    return "#!/bin/sh\ncat >/dev/null\ncat <<'END-OF-HEAD'\n$head\nEND-OF-HEAD\nenv\n";
}

# Skip the whole file where httpd lacks a module.
sub needs_module {
    for my $name (@_) {
        plan skip_all => "mod_$name is not on this machine" if !Privacy::Httpd::has_module($name);
    }
}

# The log of this server has to have a line like this; it is no complaint then.
sub expect_log {
    my ($httpd, $pattern, $name) = @_;
    push @{ $httpd->{expected} }, [ $pattern, $name || "logged: $pattern" ];
}

# The sanitizer has to report something like this of this server.
sub expect_report {
    my ($httpd, $pattern, $name) = @_;
    $httpd->{expected_report} = [ $pattern, $name ];
}

# The end of every test: the servers stop well, and their logs hold what was
# expected and no complaint beside it.
sub done {
    my (%option) = @_;
    Privacy::Httpd::stop_all();
    Privacy::Backend::stop_all();
    for my $httpd (grep { $_->{started} } Privacy::Httpd::all()) {
        is $httpd->stop, 0, 'httpd ended well';
        log_is_clean($httpd, allow => $option{allow});
    }
    # Of those too that never got as far as to start, and of every configtest.
    reports_are_expected($_) for Privacy::Httpd::all();
    my @repeated = map { $_->repeated } Privacy::Httpd::all();
    ok !@repeated, 'F2: no log line has a value of a cookie, or an address' or diag join "\n", @repeated;
    done_testing();
}

sub reports_are_expected {
    my ($httpd) = @_;
    my $expected = $httpd->{expected_report};
    my @reports  = $httpd->reports;
    if ($expected) {
        my ($pattern, $name) = @$expected;
        ok scalar(grep { $_ =~ $pattern } @reports), "reported: $name" or diag "but: @reports";
    }
    elsif (@reports) {
        fail 'nothing for a sanitizer to report' or diag join "\n", @reports;
    }
}

sub log_is_clean {
    my ($httpd, %option) = @_;
    for my $expected (@{ $httpd->{expected} }) {
        my ($pattern, $name) = @$expected;
        ok scalar(grep { $_ =~ $pattern } split /\n/, $httpd->log), $name;
    }
    my @allowed = (@{ $option{allow} || [] }, map { $_->[0] } @{ $httpd->{expected} });
    my @complaints = grep { my $line = $_; !grep { $line =~ $_ } @allowed } $httpd->complaints;
    ok !@complaints, 'nothing in the error log that was not expected'
        or diag join "\n", @complaints;
}

# However a test ends, nothing that it started stays.
$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP PIPE);
my $owner = $$;
END {
    if ($$ == $owner) {
        local $?;
        Privacy::Backend::stop_all();
        Privacy::Httpd::clean_up();
    }
}

1;
