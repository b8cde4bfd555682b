# The tool of gearmand as a client: gearman_client.pl HOST PORT FUNCTION FILE [unique=KEY] [priority=high|low] [background] [status]
# [timeout=MILLISECONDS].
# Tells the tool's output apart as far as that can be done.
use strict;
use warnings;

use File::Temp;

my ($host, $port, $function, $file, @words) = @ARGV;
my %options = map { my ($name, $value) = split /=/, $_, 2; $name => $value // 1 } @words;

my @command = ('gearman', '-h', $host, '-p', $port, '-f', $function);
push @command, '-u', $options{unique} if $options{unique};
push @command, { high => '-I', low => '-L' }->{ $options{priority} } if $options{priority};
push @command, '-b', '-v' if $options{background};
push @command, '-t', $options{timeout} if $options{timeout};

my $errors = File::Temp->new;
open my $orders, '<&', \*STDIN or die "stdin: $!\n";
open STDIN,  '<:raw', $file or die "$file: $!\n";
open STDERR, '>&', $errors or die "stderr: $!\n";
open my $pipe, '-|:raw', @command or die "gearman: $!\n";
my $output = do { local $/; <$pipe> } // '';
close $pipe;
my $code = $? >> 8;
my $said = do { local $/; seek $errors, 0, 0; <$errors> } // '';

$| = 1;
if ($options{background}) {
    my ($handle) = $output =~ /^Task created: (\S+)$/ or die "$output$said\n";
    print "created $handle\n";
    <$orders> if $options{status};
    exit 0;
}
if ($said =~ /timeout/i) {
    print "waits for ever\n";
    exit 0;
}
my $failed = $said =~ s/Job failed\n//;
print "warning ", unpack('H*', $said), "\n" if $said ne '';
# Not at the begin of a line: the tool prints statuses later than data.
print "status $1 100\n" while $output =~ s/(\d+)% Complete\n//;
print $failed ? "fail\n" : $code ? "error $code\n" : "complete " . unpack('H*', $output) . "\n";
