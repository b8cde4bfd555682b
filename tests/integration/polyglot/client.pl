# Calls a task as a client in another language does: client.pl HOST:PORT FUNCTION PAYLOAD. Prints how it ends.
use strict;
use warnings;

use Gearman::Client;

my ($server, $function, $payload) = @ARGV;
my $client = Gearman::Client->new(job_servers => [$server], exceptions => 1);
my $tasks = $client->new_task_set;
$tasks->add_task($function, \$payload, {
    on_complete  => sub { print "complete ${$_[0]}\n" },
    on_exception => sub { print "exception $_[0]\n" },
    on_fail      => sub { print "fail\n" },
});
$tasks->wait;
