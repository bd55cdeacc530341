# Licensed under the Apache License, Version 2.0; see LICENSE.

# URL references: what the core makes of them against what Node's URL, which
# follows the WHATWG standard, makes of them, over generated ones (H2, H4, R6).
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;
use File::Temp qw(tempdir);

my $SEED  = $ENV{PRIVACY_SEED} || 20240229;
my $COUNT = 20_000;

chdir Privacy::Httpd::top() or die $!;
plan skip_all => 'node is not installed: nothing to compare with'
    if !grep { -x "$_/node" } split /:/, $ENV{PATH};
if (!$ENV{MAKELEVEL}) {
    system('make', '-s', $_) == 0 or BAIL_OUT("make $_ fails") for qw(unit asan-unit);
}

my $dir = tempdir(CLEANUP => 1);
system("node t/differential/url.js $SEED $COUNT > $dir/cases") == 0 or BAIL_OUT('the generator fails');

my (@cases, %number);
for (lines("$dir/cases")) {
    my ($base, $ref, $want) = split / /, $_, 3;
    my $kind = $want =~ /^(?:bad|other)$/ ? $want : 'loaded';
    $number{$kind}++;
    push @cases, {
        kind => $kind,
        want => $want,
        name => sprintf('base <%s> reference <%s>', map { printable($_) } $base, $ref),
    };
}
my $spellings = @cases - $COUNT;

for my $build (qw(build build-asan)) {
    subtest $build => sub {
        my $code = system("$build/unit/driver_url < $dir/cases > $dir/answers");
        is $code, 0, 'the driver ended well';
        my @answers = lines("$dir/answers");
        is scalar @answers, scalar @cases, 'it answered everything';
        my @wrong = grep { !agree($cases[$_]{want}, $answers[$_]) } grep { $cases[$_]{kind} ne 'bad' } 0 .. $#answers;
        is scalar @wrong, 0, "$COUNT references and $spellings spellings are read as Node reads them (seed $SEED)";
        diag "$cases[$_]{name}: Node $cases[$_]{want}, here $answers[$_]" for grep { defined } @wrong[ 0 .. 9 ];
    };
}
cmp_ok $number{loaded} || 0, '>=', $COUNT / 4,  'at least a quarter of them could be loaded';
cmp_ok $number{bad}    || 0, '>=', $COUNT / 50, 'some of them could not: those may be read, nobody loads them';
cmp_ok $number{other}  || 0, '>=', $COUNT / 50, 'some of them had another scheme';
cmp_ok $spellings, '>=', 1_200, 'every character that can stand for ASCII was tried';

# An IPv6 address is not made canonical; the standard began to encode ^ in 2024.
sub agree {
    my ($want, $got) = @_;
    $got = 'other' if $got =~ /^other /;
    $got =~ s/^(\S+) \[\S*/$1 [/;
    s/%5E/^/g for $want, $got;
    return $want eq $got;
}

sub lines {
    my ($file) = @_;
    open my $fh, '<', $file or die "$file: $!\n";
    chomp(my @lines = <$fh>);
    return @lines;
}

sub printable {
    my ($hex) = @_;
    return pack('H*', $hex =~ s/^-$//r) =~ s/([^\x21-\x7e ])/sprintf '\\x%02x', ord $1/ger;
}

done();
