// What a killed driver has left, looked at by the one that takes over: a machine that went down may have lost anything.
#pragma once

#include "map_reduce/run_state.hpp"

namespace sheaf::detail {

/// Goes through the files of a run that was taken over: what is in order counts, and is told to its output; what is gone or not what
/// the journal says is noted as gone, and will be made again. Outputs are read and compared with their checksums. Of segments only
/// the index is looked at, since whoever reads one checks each block of it; but where partitions have to be reduced again, their
/// part of each, which may have been given back to the disk. Files on other hosts are gone with their driver.
void look_after_files(run_state& state);

}  // namespace sheaf::detail
