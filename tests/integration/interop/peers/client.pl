# A client in Perl: client.pl HOST PORT FUNCTION FILE [unique=KEY] [priority=high|low] [background] [status].
use strict;
use warnings;

use Gearman::Client;

my ($host, $port, $function, $file, @words) = @ARGV;
my %options = map { my ($name, $value) = split /=/, $_, 2; $name => $value // 1 } @words;
my $payload = do { local $/; open my $in, '<:raw', $file or die "$file: $!\n"; <$in> };

$| = 1;
sub tell_of { print join(' ', @_), "\n" }
sub hex_of { unpack 'H*', $_[0] }

my $client = Gearman::Client->new(job_servers => ["$host:$port"], exceptions => 1);
my %submission = (
    ($options{unique}   ? (uniq     => $options{unique})   : ()),
    ($options{priority} ? (priority => $options{priority}) : ()),
);

if ($options{background}) {
    my $handle = $client->dispatch_background($function, \$payload, \%submission);
    tell_of('created', $handle);
    if ($options{status}) {
        <STDIN>;
        my $status = $client->get_status($handle);
        my ($numerator, $denominator) = @{ $status->progress };
        tell_of('known', $status->known, $status->running, $numerator, $denominator);
    }
    exit 0;
}

my $tasks = $client->new_task_set;
$tasks->add_task($function, \$payload, {
    %submission,
    on_data      => sub { tell_of('data', hex_of(${ $_[0] })) },
    on_warning   => sub { tell_of('warning', hex_of(ref $_[0] ? ${ $_[0] } : $_[0])) },
    on_status    => sub { tell_of('status', @_) },
    on_complete  => sub { tell_of('complete', hex_of(${ $_[0] })) },
    on_exception => sub { tell_of('exception', hex_of($_[0])) },
    on_fail      => sub { tell_of('fail') },
});
$tasks->wait;
