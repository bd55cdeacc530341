# Licensed under the Apache License, Version 2.0; see LICENSE.

# A page as sites have them: paragraphs, lists, links and images in rows, an inline
# script every 50 rows, gtag in its head and a Facebook Pixel at its end; 52 bytes from
# `<` to `<` on average. The same in every run.
package Privacy::Bench::Page;

use strict;
use warnings;

use Exporter qw(import);

use Privacy::Bench;

our @EXPORT = qw(write_page);

my @WORDS = qw(the careers police officer staff apply role vacancy community service recruit team support joining force county);

my $HEAD = <<'HTML';
<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Careers</title>
<script async src="https://www.googletagmanager.com/gtag/js?id=G-XXXX"></script>
<script>window.dataLayer=window.dataLayer||[];function gtag(){dataLayer.push(arguments);}gtag("js",new Date());gtag("config","G-XXXX");</script>
<link rel="stylesheet" href="/a.css"></head><body>
HTML

my $END = '<script src="https://connect.facebook.net/en_US/fbevents.js"></script><noscript>'
    . '<img src="https://www.facebook.com/tr?id=1&ev=PageView&noscript=1"></noscript></body></html>';

my $state;

# Below $n; the low bits of such a generator repeat too soon.
sub below {
    my ($n) = @_;
    $state = ($state * 1103515245 + 12345) % 2147483648;
    return int($state / 65536) % $n;
}

sub words {
    my ($count) = @_;
    return map { $WORDS[ below(scalar @WORDS) ] } 1 .. $count;
}

sub paragraph {
    return sprintf qq{<p class="body-text" id="p%d">%s <a href="/jobs/%d?x=1&amp;y=2">%s</a></p>\n},
        1000 * below(1000) + below(1000), join(' ', words(60)), 10 * below(10_000), join ' ', words(4);
}

sub row {
    my ($n) = @_;
    my $row = '<div class="row">' . join('', map { paragraph() } 1 .. 4) . qq{<img src="/img/$n.jpg" alt="">}
        . '<ul>' . join('', map { "<li>$_</li>" } words(12)) . "</ul></div>\n";
    $row .= qq{<script>(function(){var a=$n;if(a<3){document.title="x";}})();</script>\n} if $n % 50 == 0;
    return $row;
}

# A page of $size bytes, or up to a row more. One that is smaller than a row has
# paragraphs.
sub page {
    my ($size) = @_;
    $state = 1;
    my $page = $HEAD;
    my $next = $size < 4000 ? sub { paragraph() } : \&row;
    for (my $n = 0; length($page) + length $END < $size; $n++) {
        $page .= $next->($n);
    }
    return $page . $END;
}

# The parts of a long page: its head, rows that repeat, its end.
sub repeating {
    my ($size) = @_;
    my $rows = substr page($size), length $HEAD;
    return ($HEAD, substr($rows, 0, length($rows) - length $END), $END);
}

# The same as a file. A long one repeats what a megabyte has.
sub write_page {
    my ($file, $size) = @_;
    return write_file($file, page($size)) if $size <= 1e6;
    my ($head, $rows, $end) = repeating(1e6);
    open my $fh, '>:raw', $file or die "$file: $!\n";
    print $fh $head;
    print $fh $rows for 1 .. $size / 1e6;
    print $fh $end;
    close $fh or die "$file: $!\n";
    return $file;
}

1;
