// What most programs need: tasks, the program's roles, calls and scatters. Map/reduce is <sheaf/map_reduce.hpp>.
#pragma once

#include <sheaf/app.hpp>
#include <sheaf/call_options.hpp>
#include <sheaf/cluster.hpp>
#include <sheaf/codec.hpp>
#include <sheaf/context.hpp>
#include <sheaf/failure.hpp>
#include <sheaf/future.hpp>
#include <sheaf/retry.hpp>
#include <sheaf/scatter.hpp>
#include <sheaf/schema.hpp>
#include <sheaf/stream.hpp>
#include <sheaf/stream_run.hpp>
#include <sheaf/task.hpp>
