// Standard input, output and error that were closed when the program was started.
#pragma once

namespace sheaf {

/// Opens /dev/null in place of each of the three that is closed. Otherwise the next pipe or socket of ours would get its
/// number, and what is printed would go into it. Call it first in main, before anything else opens a descriptor.
void open_closed_standard_descriptors() noexcept;

}  // namespace sheaf
