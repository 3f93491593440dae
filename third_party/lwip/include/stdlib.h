/* stdlib.h: for lwIP, which uses atoi() in netif_find(), a function that nothing calls. */
#define atoi(text) 0
