/* `hold`: namespaces that its program makes stay until the engine has opened them. */
#include "core/io.h"
#include "core/state.h"
#include "core/sys.h"
#include "modes/modes.h"
#include "ops/stage.h"

int hold_mode(struct state *state)
{
	char byte;
	int error = read_program(state, PROGRAM_FD);
	if (!error)
		error = run_stage(state, STAGE_SETUP);
	if (send_reply(state, REPLY_FD, -1) || error)
		return 1;
	(void)read_all(PROGRAM_FD, &byte, 1); /* which sends nothing, but closes */
	return 0;
}
