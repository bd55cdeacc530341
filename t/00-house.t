# Licensed under the Apache License, Version 2.0; see LICENSE.

# The house: who may include whom, what compiles alone, what the module shows.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;
use File::Find;
use File::Temp qw(tempdir);
use List::Util qw(pairgrep);

chdir Privacy::Httpd::top() or die $!;
system('make', '-s', 'all') == 0 or BAIL_OUT('the module does not build') if !$ENV{MAKELEVEL};

# Which folders the files of a folder may include; src/ itself is pv.h.
my %below = (
    cookie  => [],
    policy  => [qw(cookie)],
    consent => [qw(cookie policy)],
    enforce => [qw(cookie policy consent)],
    html    => [qw(cookie policy)],
    page    => [qw(cookie policy consent)],
    httpd   => [qw(cookie policy consent enforce html page)],
);

my (@sources, @headers);
find({ no_chdir => 1, wanted => sub {
    push @sources, $_ if /\.[ch]$/;
    push @headers, $_ if /\.h$/;
} }, 'src');
@$_ = sort @$_ for \@sources, \@headers;

my $core_may = qr{^(?:apr(?:_[a-z0-9_]+)?|jansson|emmintrin
    |assert|ctype|errno|inttypes|limits|math|stdarg|stdbool|stddef|stdint|stdio|stdlib|string|strings|time)\.h$}x;

# What one file includes: ["name.h", system?], each.
sub includes {
    my ($file) = @_;
    open my $fh, '<', $file or die "$file: $!\n";
    return map { /^\s*#\s*include\s*([<"])([^>"]+)/ ? [ $2, $1 eq '<' ] : () } <$fh>;
}

# Why a file may not include this, or ''.
sub objection {
    my ($file, $name, $system) = @_;
    my ($folder) = $file =~ m{^src/([^/]+)/};
    if ($system) {
        return '' if ($folder // '') eq 'httpd' || $name =~ $core_may;
        return 'the core knows libc, APR and jansson';
    }
    my ($from) = $name =~ m{^([^/]+)/};
    return -e "src/$name" ? '' : 'names no header below src/' if !defined $from || !defined $folder;
    return '' if $from eq $folder || grep { $_ eq $from } @{ $below{$folder} };
    return "$folder does not know $from";
}

subtest 'imports point down' => sub {
    my $checked = 0;
    for my $file (@sources) {
        my ($folder) = $file =~ m{^src/([^/]+)/};
        ok !defined $folder || $below{$folder}, "$file is in a folder of the house";
        for (includes($file)) {
            my ($name, $system) = @$_;
            my $objection = objection($file, $name, $system);
            is $objection, '', "$file includes $name";
            $checked++;
        }
    }
    cmp_ok $checked, '>=', 80, 'at least 80 includes were looked at';
};

subtest 'what the rule above would say' => sub {
    my @cases = (
        [ 'src/policy/x.c', 'httpd.h',              1, 'a header of httpd in the core' ],
        [ 'src/policy/x.c', 'http_log.h',           1, 'httpd\'s log in the core' ],
        [ 'src/cookie/x.h', 'policy/pv_policy.h',   0, 'a folder above' ],
        [ 'src/html/x.c',   'consent/pv_consent.h', 0, 'a folder beside' ],
        [ 'src/page/x.c',   'enforce/pv_judge.h',   0, 'the judge from the page' ],
        [ 'src/pv.h',       'httpd.h',              1, 'a header of httpd in pv.h' ],
    );
    isnt objection(@$_[ 0 .. 2 ]), '', "refuses $_->[3]" for @cases;
    is objection('src/httpd/x.c', 'httpd.h', 1), '', 'httpd/ may';
    is objection('src/enforce/x.c', 'cookie/pv_set_cookie.h', 0), '', 'the judge may look down';
};

my @flags = split ' ', `make -s --no-print-directory flags`;
my $scratch = tempdir(CLEANUP => 1);

# Httpd's headers are there for the glue alone.
sub compiles {
    my ($cc, $file, $glue, $name) = @_;
    my $httpd = $glue ? '-isystem ' . Privacy::Httpd::apxs('INCLUDEDIR') : '';
    my $said = `$cc @flags $httpd -Wall -Wextra -Werror -fsyntax-only $file 2>&1`;
    ok $? == 0, "$name, $cc" or diag $said;
}

sub program {
    my ($text) = @_;
    open my $fh, '>', "$scratch/program.c" or die $!;
    print $fh $text;
    close $fh or die $!;
    return "$scratch/program.c";
}

for my $cc (qw(gcc clang)) {
    subtest "every header compiles alone, with $cc" => sub {
        for my $header (@headers) {
            my $include = $header =~ s{^src/}{}r;
            compiles($cc, program(qq{#include "$include"\n#include "$include"\n}), !!($header =~ m{^src/httpd/}), $header);
        }
        cmp_ok scalar @headers, '>=', 15, 'at least 15 headers were compiled';
    };
    subtest "every source compiles without a warning, with $cc" => sub {
        my @files = ('mod_privacy.c', grep { /\.c$/ } @sources);
        compiles($cc, $_, $_ !~ m{^src/(?!httpd/)}, $_) for @files;
        cmp_ok scalar @files, '>=', 15, 'at least 15 sources were compiled';
    };
}

# [name, kind] of every symbol that nm shows.
sub symbols {
    return map { /^(?:[0-9a-f]+)?\s+([A-Za-z])\s+([^\s@]+)/ ? [ $2, $1 ] : () } `nm @_`;
}

subtest 'the core links without httpd' => sub {
    my @all       = symbols('build/libprivacy.a');
    my %defined   = map { $_->[0] => 1 } grep { $_->[1] ne 'U' } @all;
    my @undefined = grep { !$defined{$_} } map { $_->[1] eq 'U' ? $_->[0] : () } @all;
    cmp_ok scalar keys %defined, '>=', 30, 'at least 30 symbols in libprivacy.a';
    is_deeply [ grep { /^(?:ap|http|privacy)_/ } @undefined ], [], 'it asks for nothing of httpd\'s';
    is_deeply [ grep { /^pv_/ } @undefined ],                  [], 'nor for anything of its own that is not there';
    is_deeply [ grep { $_->[1] =~ /^[A-Z]$/ && $_->[1] ne 'U' && $_->[0] !~ /^pv_/ } @all ], [],
        'what it offers is called pv_…';
    my @sections = map { (split /\s*\|\s*/)[ 0, 6 ] } `nm -f sysv build/libprivacy.a`;
    my @variables = pairgrep { defined $b && $b =~ /^\.(?:data|bss|tdata|tbss)\s*$/ } @sections;
    is_deeply \@variables, [], 'it keeps no state: what is static is constant';

    # Linked whole, so that nothing can hide in a member that nobody asks for.
    my $main = program("int main(void) { return 0; }\n");
    my $libs = `make -s --no-print-directory libs`;
    chomp $libs;
    my $said = `cc -o $scratch/program $main -Wl,--whole-archive build/libprivacy.a -Wl,--no-whole-archive $libs 2>&1`;
    is $?, 0, 'a program of libc, APR and jansson holds all of it' or diag $said;
    is system("$scratch/program"), 0, 'and runs' if $? == 0;
};

subtest 'the module' => sub {
    is_deeply [ map { $_->[0] } symbols('-D --defined-only build/mod_privacy.so') ], ['privacy_module'],
        'exports privacy_module and nothing else';
    is_deeply [ grep { /^(?:pv|privacy)_/ } map { $_->[0] } symbols('-D --undefined-only build/mod_privacy.so') ], [],
        'lacks nothing of its own';
    my ($code, $said) = configtest('');
    is $code, 0, 'httpd loads it' or diag $said;
};

done();
