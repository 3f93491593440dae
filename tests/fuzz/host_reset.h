/* host_reset.h: included before a source by its compiler's command line (-include): its variables go into sections of their
 * own, which host_reset() (kernel_host.c) sets back between two inputs. */
#pragma clang section bss = "host_bss" data = "host_data"
