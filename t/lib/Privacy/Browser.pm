# Licensed under the Apache License, Version 2.0; see LICENSE.

# A test that goes on in a browser: a script of t/browser/ drives Debian's Chromium, and says TAP.
package Privacy::Browser;

use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use Test::More;

our @EXPORT = qw(needs_browser in_browser);

my $TOP     = abs_path(dirname(__FILE__) . '/../../..');
my $MODULES = "$TOP/build/browser/node_modules";
my ($CHROMIUM) = grep { -x } map { my $dir = $_; map {"$dir/$_"} qw(chromium chromium-browser) } split /:/, $ENV{PATH};

# Skip the whole test, by name, where Chromium, Node.js or one of these packages is not there.
sub needs_browser {
    my @packages = ('playwright-core', @_);
    plan(skip_all => 'Chromium is not on this machine, and could not be installed (build-aux/deps.sh browser)') if !$CHROMIUM;
    plan(skip_all => 'Node.js is not on this machine') if system('node --version >/dev/null 2>&1') != 0;
    my @missing = grep { !-d "$MODULES/$_" } @packages;
    plan(skip_all => join(' and ', @missing) . ' not in build/browser, and could not be installed (make browser)') if @missing;
    return;
}

# Run a script against a server, and make its results this test's. Returns how many there were.
sub in_browser {
    my ($script, $httpd) = @_;
    local @ENV{qw(PRIVACY_PORT PRIVACY_ROOT PRIVACY_CHROMIUM PRIVACY_MODULES)} =
        ($httpd->port('TLS'), $httpd->root, $CHROMIUM, $MODULES);
    my ($planned, $ran) = (0, 0);
    open my $said, '-|:utf8', 'node', "$TOP/t/browser/$script" or die "node: $!\n";
    while (my $line = <$said>) {
        if ($line =~ /^(not )?ok \d+ - (.*)/) {
            ok !$1, $2;
            $ran++;
        }
        elsif ($line =~ /^1\.\.(\d+)/) {
            $planned = $1;
        }
        else {
            diag $line =~ s/^# ?//r =~ s/\n//r;
        }
    }
    close $said;
    is $?, 0, "$script: the browser ended well";
    is $ran, $planned, "$script: all that was planned has run";
    return $ran;
}

1;
