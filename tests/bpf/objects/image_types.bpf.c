/* The types of the "image" that core_*.bpf.c are moved to. */
// EXPECT: license ''
struct client {
	long id;
	int before;
	int fd;
	int table[8];
	union {
		struct {
			int inside;
		};
	};
	short more[9];
	unsigned long commands;
};
enum state { IDLE = 4, BUSY = 5 };
struct client a_client;
enum state a_state;
