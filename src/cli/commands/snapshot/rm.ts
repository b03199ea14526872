import { checkSnapshots, removeSnapshots } from '../../../project/snapshots.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { tellNotices } from '../../notices.ts'
import { targetOf } from '../../target.ts'
import { tellDryRun } from '../../work.ts'
import { tellsWait } from './told.ts'

/** `tscompose snapshot rm`. */
export const command: Command = defineCommand({
  description:
    'Forgets snapshots. Volumes and other snapshots that stand on the same files keep them; what nobody needs any more goes from the disk.',
  options: {},
  run: async (context, names) => {
    if (context.globals.dryRun) {
      await checkSnapshots(targetOf(context), names, { own: true })
      tellDryRun(
        context,
        names.map(name => `remove snapshot ${name}`),
      )
    } else await removeSnapshots(targetOf(context), names, tellsWait(context))
    tellNotices(context)
    return EXIT.ok
  },
})
