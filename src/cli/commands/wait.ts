import { Failure } from '../../diagnostics/index.ts'
import { down } from '../../project/lifecycle.ts'
import { wait } from '../../project/wait.ts'
import type { CommandContext } from '../command.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { flag } from '../option.ts'
import { targetOf } from '../target.ts'
import { printDiagnostics, showWork } from '../work.ts'

/** `tscompose wait`. */
export const command: Command = defineCommand({
  description:
    'Waits until all containers of the services have ended, prints how, and returns the exit status of the last one (42 if one could\n' +
    'not be waited for). Of a service that does not run any more the status is told at once.',
  options: {
    downProject: flag('--down-project', 'Then take the project down'),
  },
  examples: [['tscompose wait tests', 'the exit status of tests']],
  run: async (context, services, { downProject }) => {
    const status = context.globals.dryRun ? EXIT.ok : await waitFor(context, services)
    const all = { ...targetOf(context), profiles: ['*'] }
    if (downProject) await showWork(context, {}, work => down(all, { ...work, removeOrphans: true }))
    return status
  },
})

async function waitFor(context: CommandContext, services: readonly string[]): Promise<number> {
  try {
    const ends = await wait(targetOf(context), services, {
      onEnd: ({ id, exitCode }) =>
        void context.streams.stdout.write(`container "${id}" exited with status code ${exitCode}\n`),
    })
    return ends.at(-1)?.exitCode ?? EXIT.ok
  } catch (error) {
    if (!(error instanceof Failure && error.diagnostics[0]?.code === 'WAIT_FAILED')) throw error
    printDiagnostics(context, error.diagnostics)
    return EXIT.waitFailed
  }
}
