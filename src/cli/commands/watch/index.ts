import { connectProject } from '../../../project/connected-project.ts'
import { Interrupted } from '../../../project/failures.ts'
import { bringUp } from '../../../project/up.ts'
import { watchProject } from '../../../project/watch/project-watch.ts'
import { checkWatchable } from '../../../project/watch/rules.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { watchInterrupts } from '../../interrupt.ts'
import { flag, flagOn } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { showWork } from '../../work.ts'
import { watchPrinter } from './print.ts'

/** `tscompose watch`. */
export const command: Command = defineCommand({
  description:
    'Brings services up and watches the files that their develop.watch names: what changes is copied into the containers, or\n' +
    'rebuilds or restarts them. What changed while nobody watched is caught up with. Ctrl-C ends the watch; the containers go on.',
  options: {
    noUp: flag('--no-up', 'Do not build and start the services first'),
    prune: flagOn('--prune', 'Remove images that a rebuild has left without a name (default true)'),
    quiet: flag('--quiet', 'No output of builds'),
  },
  examples: [['tscompose watch web', 'bring web up, and keep it as the files are']],
  run: async (context, services, { noUp, prune, quiet }) => {
    const connected = await connectProject(targetOf(context), { services })
    checkWatchable(connected.project, services)
    const interrupts = watchInterrupts(context.signals)
    const { graceful: signal } = interrupts
    const view = { quietBuild: quiet }
    try {
      if (!noUp) await showWork(context, view, work => bringUp(connected, { ...work, services, signal }))
      await watchProject(connected, {
        services,
        prune,
        signal,
        onEvent: watchPrinter(context),
        perform: run =>
          showWork(context, { ...view, besideLogs: 'always' }, work => run({ ...work, signal })),
      })
    } finally {
      interrupts.dispose()
      connected.docker.modem.destroy()
    }
    throw new Interrupted()
  },
})
