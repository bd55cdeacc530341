# Licensed under the Apache License, Version 2.0; see LICENSE.

# What the messages of a test have told of a visitor: values of cookies, records of
# consent among them, and addresses. No line of the module's log may repeat them (rule F2).
# Clients and backends are processes of their own, so what is sent is kept in a file.
package Privacy::Sent;

use strict;
use warnings;

use File::Temp ();

# Of a longer value the beginning is looked for: a log line ends somewhere.
my $LONG = 64;
# A shorter value is looked for with its name alone: it may be a part of anything.
my $SHORT = 4;

my $record = File::Temp->new(TEMPLATE => 'privacy-sent-XXXXXX', TMPDIR => 1);
open my $out, '>>:raw', $record->filename or die $!;
my (%seen, %taken);

# Each connection's own.
remember('', $_) for '127.0.0.1', '::1';

# A field by its lower-case name, and what is remembered of it.
my %FIELDS = (
    cookie            => sub { map { pair($_) } split /;/, $_[0] },
    'set-cookie'      => sub { pair($_[0] =~ s/;.*//sr) },
    'x-forwarded-for' => \&addresses,
    'x-real-ip'       => \&addresses,
    forwarded         => \&addresses,
);
my $FIELD = join '|', sort keys %FIELDS;

sub pair {
    my ($text) = @_;
    my ($name, $value) = $text =~ /=/ ? split /=/, $text, 2 : ('', $text);
    s/\A\s+|\s+\z//g for $name, $value;
    remember($name, $value);
    # As consent managers encode what they say; and when the visitor said so.
    my $decoded = $value =~ s/%([0-9a-fA-F]{2})/chr hex $1/ger;
    remember($name, $decoded) if $decoded ne $value;
    remember('', $_) for $decoded =~ /\b(\d{10,})\b/g;
}

sub addresses { remember('', $_) for $_[0] =~ /([0-9a-f]*[.:][0-9a-f.:]+)/gi }

sub remember {
    my ($name, $value) = @_;
    $value = substr $value, 0, $LONG;
    return if $value eq '' || $seen{"$name=$value"}++;
    syswrite $out, join(' ', map { unpack 'H*', $_ } substr($name, 0, 256), $value) . "\n";
}

# A message, or some lines of one, as it is on the wire.
sub message {
    my ($bytes) = @_;
    while ($bytes =~ /^($FIELD)[ \t]*:([^\r\n]*)/mgio) {
        $FIELDS{ lc $1 }->($2) if !$taken{"$1:$2"}++;
    }
}

# A text that makes a server send cookies: a script, or a configuration. What stands
# there in a variable is not known.
sub text {
    my ($text) = @_;
    pair($1) for grep { !/[\$%]\{/ } $text =~ /\bSet-Cookie:?\s+"?([^;"\r\n]+)/gi;
}

# As httpd writes a text to its log.
my %ESCAPE = ("\b" => '\b', "\n" => '\n', "\r" => '\r', "\t" => '\t', "\x0b" => '\v', '\\' => '\\\\');
sub escaped { return $_[0] =~ s/([^ -~]|\\)/$ESCAPE{$1} || sprintf '\\x%02x', ord $1/ger }

# What is looked for: [pattern, what it is], each. A value that is the name of a cookie, or
# that the configuration has, tells nothing.
sub patterns {
    my ($conf) = @_;
    my (%names, @pairs, %known);
    # Each process has remembered for itself.
    for (grep { !$known{$_}++ } split /\n/, Privacy::Httpd::slurp($record->filename)) {
        my ($name, $value) = map { pack 'H*', $_ } split / /, $_, 2;
        $names{$name} = 1;
        push @pairs, [ $name, $value ];
    }
    my @patterns;
    for (@pairs) {
        my ($name, $value) = @$_;
        my $end = length $value < $LONG ? qr/(?![A-Za-z0-9])/ : qr//;
        my ($before, $text) = map { quotemeta escaped($_) } $name, $value;
        push @patterns, [ qr/(?<![\w-])$before="?$text$end/, "$name=$value" ] if $name ne '';
        next if length $value < $SHORT && $value ne '::1' || $names{$value} || $conf =~ /(?<![A-Za-z0-9])\Q$value\E$end/;
        push @patterns, [ qr/(?<![A-Za-z0-9])$text$end/, $value ];
    }
    return @patterns;
}

# The text of a line of the module's: without what ErrorLogFormat puts before and behind it.
my $PREFIX = qr/\[privacy:\w+\](?: \[pid [^\]]*\])?(?: [\w.\/-]+\.[ch]\(\d+\):)?(?: \(\d+\)[^:]*:)?(?: \[(?:client|remote) [^ \]]*\])?/;
sub text_of { return $_[0] =~ /$PREFIX(.*)/ ? $1 =~ s/, referer: .*//r : undef }

# Those lines of a log that repeat something, and what; $conf is the server's configuration.
sub repeated {
    my ($log, $conf) = @_;
    my @texts = grep { defined text_of($_) } split /\n/, $log or return;
    my @patterns = patterns($conf =~ s/\bSet-Cookie:?\s+"?[^;"\r\n]+//gir);
    my @repeated;
    my %judged;
    for my $line (@texts) {
        my $text = text_of($line);
        next if $judged{$text}++;
        my ($what) = map { $_->[1] } grep { $text =~ $_->[0] } @patterns;
        push @repeated, "'$what' in: $line" if defined $what;
    }
    return @repeated;
}

1;
