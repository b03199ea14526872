import { saveSnapshot } from '../../../project/snapshots.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { targetOf } from '../../target.ts'
import { tellDryRun } from '../../work.ts'
import { tellOutcome, tellsWait } from './told.ts'

/** `tscompose snapshot save`. */
export const command: Command = defineCommand({
  description:
    'Keeps the volumes of the project, and what its containers have written into their own files, as they are at one moment: the project stands still for it, mostly for a few milliseconds. On xfs and btrfs it takes no room until something is written; elsewhere up to 256 MB in 2,000 files are copied, and what is larger becomes the ground that its volume goes on above: then the containers that use it are restarted. Files of the host, tmpfs and external volumes are not in it.',
  options: {},
  examples: [['tscompose snapshot save before-migration', 'then restore it if the migration goes wrong']],
  run: async (context, [name = '']) => {
    if (!context.globals.dryRun)
      return tellOutcome(context, 'Saved', await saveSnapshot(targetOf(context), name, tellsWait(context)))
    tellDryRun(context, [`save snapshot ${name}`])
    return EXIT.ok
  },
})
