/* calls.c [back]: has the application's function add numbers, which counts its calls in a variable; with an argument, has
 * the application call a function of this program. */
int victim_add(int a, int b);
int victim_callback(int (*f)(void));

static int called(void)
{
	return 7;
}

int main(int argc, char **argv)
{
	return argc > 1 ? victim_callback(called) : victim_add(40, 2) != 42;
}
