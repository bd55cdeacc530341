#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# All measurements, in one table; plots beside it. Fails if an instruction budget is
# exceeded, or if instructions differ from those of the run before of the same module.
#
#   bench/run.pl [--docs DIR] [PART...]
#
#   --docs DIR  put the plots into DIR/images, and plots and figures into DIR/costs.md
#   PART        only these: instructions html memory latency connection parts peers
#
# The figures of each part are left in build/bench/PART.json.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Digest::SHA;
use Getopt::Long;
use JSON::PP ();
use Privacy::Bench;
use Privacy::Bench::Plot;
use Privacy::Bench::Table;

my @PARTS = qw(instructions html memory connection latency parts peers);

# Two runs may differ by this part of a figure, or by so many instructions.
my ($APART, $FEW) = (0.01, 2);

GetOptions('docs=s' => \my $docs) or die "usage: $0 [--docs DIR] [PART...]\n";
my @parts = @ARGV ? @ARGV : @PARTS;

my %MORE = (instructions => ['--sweep']);
my $module = $ENV{PRIVACY_MODULE} || Privacy::Httpd::top() . '/build/mod_privacy.so';
my $version = Digest::SHA->new(256)->addfile($module)->hexdigest . `@{[ Privacy::Httpd::binary() ]} -v`;

sub read_json {
    my ($file) = @_;
    my $text = Privacy::Httpd::slurp($file) or return;
    return JSON::PP->new->decode($text);
}

my (@results, @failed, @took);
my $begin = time;
for my $part (@parts) {
    my $before = time;
    my $out = build_dir() . "/$part.json";
    rename $out, "$out.before";
    system $^X, "$FindBin::Bin/$part.pl", '-o', $out, @{ $MORE{$part} || [] };
    my $result = read_json($out);
    push @failed, $part if !$result;
    push @results, { %$result, part => $part } if $result;
    push @took, sprintf '%s %s', $part, clock(time - $before);
}

# ---- what came of it ----

my @rows = map { my $section = $_; map { { %$_, section => $section->{title} } } @{ $section->{rows} } } map { @{ $_->{sections} } } @results;
my %verdicts;
$verdicts{ $_->{verdict} }++ for grep { defined $_->{verdict} } @rows;
my $wrong = @failed + ($verdicts{EXCEEDED} // 0);

printf "\nbudgets: %s; a figure exceeds one when it is %d %% over it\n", join(', ', map { "$verdicts{$_} $_" } sort keys %verdicts), 100 * $Privacy::Bench::Table::TOLERANCE;
for my $verdict (qw(EXCEEDED MISSED undecided)) {
    print "  $verdict: $_->{section}: $_->{what}\n" for grep { ($_->{verdict} // '') eq $verdict } @rows;
}
print "skipped: $_->{what}: $_->{skipped}\n" for grep { defined $_->{skipped} } @rows;
print "failed: $_\n" for @failed;
$wrong += compare_with_last();
printf "%s minutes: %s\n", clock(time - $begin), join ', ', @took;

sub clock { return sprintf '%d:%02d', $_[0] / 60, $_[0] % 60 }

# Instructions of this run and the one before, by section and name.
sub compare_with_last {
    my $file = build_dir() . '/instructions-of-last-run.json';
    my %now = map { ("$_->{section}: $_->{what}" => $_->{value}) } grep { $_->{unit} eq 'instructions' && !$_->{varies} && defined $_->{value} } @rows;
    my $last = read_json($file);
    $last = { of => {} } if !$last || $last->{version} ne $version;
    write_file($file, JSON::PP->new->canonical->encode({ version => $version, of => { %{ $last->{of} }, %now } }));
    my %apart = map { ($_ => abs($now{$_} - $last->{of}{$_})) } grep { defined $last->{of}{$_} } keys %now;
    my @too_far = grep { $apart{$_} > $FEW && $apart{$_} > $APART * abs $now{$_} } sort keys %apart;
    return 0 if !%apart;
    my ($most) = sort { $b <=> $a } 0, map { $apart{$_} / (abs($now{$_}) || 1) } grep { $apart{$_} > $FEW } keys %apart;
    printf "%d counts of instructions compared with the run before: %s\n", scalar keys %apart,
        $most ? sprintf('%.2f %% apart at most', 100 * $most) : "none more than $FEW apart";
    print "  APART: $_: $last->{of}{$_}, now $now{$_}\n" for @too_far;
    return scalar @too_far;
}

# ---- plots and documentation ----

my %NAMED = (
    bytes => sub { my $n = $_[0]; return $n >= 1e6 ? $n / 1e6 . ' MB' : $n / 1e3 . ' KB' },
    ms    => sub { my $n = $_[0]; return $n < 1 ? "$n ms" : 0 + $n . ' ms' },
);

my %PLOTS = (
    cookies => {
        title => 'A request\'s cookies',
        x => { label => 'cookies in the request, two in five of them denied' },
        y => { label => 'instructions over bare httpd' },
    },
    policy => {
        title => 'Declared cookies',
        x => { label => 'declared cookies, or names in the recipe', log => 1 },
        y => { label => 'instructions over bare httpd', log => 1 },
    },
    pages => {
        title => 'HTML, from a file',
        x => { label => 'size of the page', log => 1, name => $NAMED{bytes} },
        y => { label => 'CPU time a request', log => 1, name => $NAMED{ms} },
    },
);

my %images;
for my $plot (sort keys %PLOTS) {
    my @lines = grep { $_->{plot} eq $plot } map { @{ $_->{points} } } @results;
    next if !@lines;
    my $svg = plot(%{ $PLOTS{$plot} }, lines => \@lines);
    write_file(build_dir() . "/cost-$plot.svg", $svg);
    write_file("$docs/images/cost-$plot.svg", $svg) if defined $docs;
    $images{$plot} = 1;
}
print 'plots: ', join(' ', map { build_dir() . "/cost-$_.svg" } sort keys %images), "\n" if %images;
document("$docs/costs.md") if defined $docs;
exit($wrong ? 1 : 0);

# The figures between the two lines of the file that say so.
sub document {
    my ($file) = @_;
    my $text = Privacy::Httpd::slurp($file);
    my $figures = join "\n", map { markdown($_) } map { @{ $_->{sections} } } @results;
    $text =~ s/(<!-- figures[^\n]*-->\n).*(<!-- end of figures -->)/$1\n$figures\n$2/s or die "$file: where do the figures go?\n";
    write_file($file, $text);
}

sub markdown {
    my ($section) = @_;
    my $ratio = $section->{ratio};
    my @lines = ("### $section->{title}\n\n| | | $ratio | budget | |\n|---|---:|---:|---:|---|\n");
    for my $row (@{ $section->{rows} }) {
        my @cells = defined $row->{skipped} ? ($row->{what}, "skipped: $row->{skipped}", '', '', '') : Privacy::Bench::Table::cells($row);
        push @lines, '| ' . join(' | ', @cells) . " |\n";
    }
    return join '', @lines;
}
