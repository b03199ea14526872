import { checkSnapshots, restoreSnapshot } from '../../../project/snapshots.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { targetOf } from '../../target.ts'
import { tellDryRun } from '../../work.ts'
import { tellOutcome, tellsWait } from './told.ts'

/** `tscompose snapshot restore`. */
export const command: Command = defineCommand({
  description:
    'Puts the data of the project back as it was when the snapshot was saved. What runs of it is stopped meanwhile and started again; other projects run on. What was written since is lost. PROJECT/NAME is a snapshot of another project with the same volumes.',
  options: {},
  examples: [['tscompose snapshot restore before-migration', 'the database is as it was']],
  run: async (context, [name = '']) => {
    if (!context.globals.dryRun)
      return tellOutcome(
        context,
        'Restored',
        await restoreSnapshot(targetOf(context), name, tellsWait(context)),
      )
    await checkSnapshots(targetOf(context), [name])
    tellDryRun(context, [`restore snapshot ${name}`])
    return EXIT.ok
  },
})
