# Licensed under the Apache License, Version 2.0; see LICENSE.

# Lines in a coordinate system, as an SVG that says in words what it shows, and that is
# readable on a light and on a dark page, and without colours.
package Privacy::Bench::Plot;

use strict;
use warnings;

use Exporter qw(import);
use List::Util qw(max min);
use POSIX qw(ceil floor);

our @EXPORT = qw(plot);

my ($WIDTH, $HEIGHT) = (720, 440);
my ($LEFT, $RIGHT, $TOP, $BOTTOM) = (100, 36, 44, 56);
my $LEGEND_LINE = 20;

# Colours that remain apart for the colour-blind (Okabe and Ito), dashes and marks that
# do without.
my @STYLES = (
    [ '#0072b2', '',          'circle' ],
    [ '#d55e00', '8 4',       'square' ],
    [ '#009e73', '2 3',       'diamond' ],
    [ '#cc79a7', '10 3 2 3',  'triangle' ],
    [ '#8a7500', '5 2',       'cross' ],
);

# title; x and y: { label, log, name => what a number is called }; lines: [name, [x, y]…].
sub plot {
    my (%plot) = @_;
    my @all = map { @{ $_->{points} } } @{ $plot{lines} };
    my %axis = (
        x => axis($plot{x}, $LEFT, $WIDTH - $RIGHT, map { $_->[0] } @all),
        y => axis($plot{y}, $HEIGHT - $BOTTOM, $TOP + $LEGEND_LINE * ceil(@{ $plot{lines} } / 2), map { $_->[1] } @all),
    );
    my $n = 0;
    my @parts = (grid(%axis), map { line($_, $n++, %axis) } @{ $plot{lines} });
    return svg($plot{title}, description(%plot), labels(%plot), @parts);
}

# A scale from numbers to places, and its ticks.
sub axis {
    my ($axis, $from, $to, @values) = @_;
    my $scale = $axis->{log} ? sub { log($_[0]) / log 10 } : sub { $_[0] };
    my @ticks = $axis->{log} ? decades(@values) : steps(@values);
    my ($low, $high) = map { $scale->($_) } min(@ticks, @values), max(@ticks, @values);
    return {
        %$axis, ticks => \@ticks,
        at => sub { sprintf '%.1f', $from + ($to - $from) * ($scale->($_[0]) - $low) / ($high - $low) },
    };
}

sub decades {
    my (@values) = @_;
    # A power of ten is not always a whole number here.
    my ($low, $high) = map { log($_) / log 10 } min(@values), max(@values);
    return map { 10**$_ } floor($low + 1e-9) .. ceil($high - 1e-9);
}

sub steps {
    my $high = max(@_);
    my ($step) = grep { $high / $_ <= 8 } map { my $ten = 10**$_; map { $_ * $ten } 1, 2, 5 } -3 .. 9;
    return map { $_ * $step } 0 .. ceil($high / $step);
}

sub number {
    my ($axis, $value) = @_;
    return $axis->{name}->($value) if $axis->{name};
    return scalar reverse((reverse $value) =~ s/(\d{3})(?=\d)/$1,/gr);
}

sub grid {
    my (%axis) = @_;
    my ($x, $y) = @axis{qw(x y)};
    my ($left, $right) = ($LEFT, $WIDTH - $RIGHT);
    my ($bottom, $top) = map { $y->{at}->($_) } @{ $y->{ticks} }[ 0, -1 ];
    return (
        (map { my $at = $y->{at}->($_); qq{<path class="grid" d="M$left ${at}H$right"/>}
                . text($left - 8, $at + 4, number($y, $_), 'end') } @{ $y->{ticks} }),
        (map { my $at = $x->{at}->($_); qq{<path class="grid" d="M$at ${bottom}V$top"/>}
                . text($at, $bottom + 20, number($x, $_), 'middle') } @{ $x->{ticks} }),
    );
}

sub line {
    my ($line, $n, %axis) = @_;
    my ($colour, $dashes, $mark) = @{ $STYLES[$n] };
    my @at = map { [ $axis{x}{at}->($_->[0]), $axis{y}{at}->($_->[1]) ] } @{ $line->{points} };
    my ($x, $y) = ($LEFT + ($n % 2) * 290, $TOP + $LEGEND_LINE * int($n / 2));
    my $style = qq{style="stroke:$colour;stroke-dasharray:} . ($dashes || 'none') . '"';
    return (
        qq{<path class="line" $style d="M} . join('L', map { "@$_" } @at) . '"/>',
        qq{<path class="line" $style d="M$x ${y}h36"/>},
        text($x + 44, $y + 4, $line->{line}, 'start'),
        map { mark($mark, $colour, @$_) } @at, [ $x + 18, $y ],
    );
}

my %MARK = (
    circle   => 'm-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z',
    square   => 'm-4 -4h8v8h-8z',
    diamond  => 'm0 -5l5 5l-5 5l-5 -5z',
    triangle => 'm0 -5l5 9h-10z',
    cross    => 'm-4 -2h2v-2h4v2h2v4h-2v2h-4v-2h-2z',
);

sub mark {
    my ($mark, $colour, $x, $y) = @_;
    return qq{<path style="fill:$colour" d="M$x $y$MARK{$mark}"/>};
}

sub labels {
    my (%plot) = @_;
    my $middle = ($TOP + $HEIGHT - $BOTTOM) / 2;
    return (
        qq{<text class="title" x="$LEFT" y="22">} . escape($plot{title}) . '</text>',
        text(($LEFT + $WIDTH - $RIGHT) / 2, $HEIGHT - 12, $plot{x}{label}, 'middle'),
        qq{<text transform="translate(18 $middle) rotate(-90)" text-anchor="middle">} . escape($plot{y}{label}) . '</text>',
    );
}

# All of it in words.
sub description {
    my (%plot) = @_;
    return "$plot{y}{label}, by $plot{x}{label}. " . join ' ', map {
        "$_->{line}: " . join('; ', map { number($plot{x}, $_->[0]) . ': ' . number($plot{y}, sprintf '%.3g', $_->[1]) } @{ $_->{points} }) . '.';
    } @{ $plot{lines} };
}

sub text {
    my ($x, $y, $text, $anchor) = @_;
    return qq{<text x="$x" y="$y" text-anchor="$anchor">} . escape($text) . '</text>';
}

sub escape { return $_[0] =~ s/&/&amp;/gr =~ s/</&lt;/gr }

sub svg {
    my ($title, $description, @parts) = @_;
    return join "\n", <<"SVG" =~ s/\n\z//r, @parts, "</svg>\n";
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $WIDTH $HEIGHT" width="$WIDTH" height="$HEIGHT" role="img" aria-labelledby="title desc">
<title id="title">@{[ escape($title) ]}</title>
<desc id="desc">@{[ escape($description) ]}</desc>
<style>
text { font: 13px sans-serif; fill: #222 }
.title { font-size: 16px; font-weight: bold }
.ground { fill: #fff }
.grid { stroke: #ccc; fill: none }
.line { stroke-width: 2; fill: none }
\@media (prefers-color-scheme: dark) {
  text { fill: #eee }
  .ground { fill: #1b1b1b }
  .grid { stroke: #555 }
}
</style>
<rect class="ground" width="$WIDTH" height="$HEIGHT"/>
SVG
}

1;
