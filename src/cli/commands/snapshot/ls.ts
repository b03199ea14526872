import { storageBytes } from '../../../notation/index.ts'
import { listSnapshots, type SavedSnapshot } from '../../../project/snapshots.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { flag, text } from '../../option.ts'
import { targetOf } from '../../target.ts'
import type { Listing } from '../../views/listing/listing.ts'
import { FORMAT_HELP, openFormat } from '../../views/listing/open-format.ts'

/** `tscompose snapshot ls`. */
export const command: Command = defineCommand({
  description:
    'Lists the snapshots of the project, the oldest first. SIZE is all that one is made of: several may have files in common.',
  options: {
    all: flag('-a, --all', 'Those of every project'),
    quiet: flag('-q, --quiet', 'Names alone'),
    format: text('--format <format>', FORMAT_HELP),
  },
  run: async (context, _args, { all, quiet, format }) => {
    const render = await openFormat(SNAPSHOTS, format)
    const found = await listSnapshots(targetOf(context), { all })
    context.streams.stdout.write(
      quiet ? found.map(each => `${all ? `${each.Project}/` : ''}${each.Name}\n`).join('') : render(found),
    )
    return EXIT.ok
  },
})

const SNAPSHOTS: Listing<SavedSnapshot> = {
  fields: {
    Project: { title: 'PROJECT', of: ({ Project }) => Project },
    Name: { title: 'NAME', of: ({ Name }) => Name },
    Created: { title: 'CREATED', of: ({ Created }) => Created.replace(/\.\d+Z$/, 'Z') },
    Volumes: { title: 'VOLUMES', of: ({ Volumes }) => Volumes.join(',') },
    Containers: { title: 'CONTAINERS', of: ({ Roots }) => Roots.join(',') },
    Size: { title: 'SIZE', of: ({ Size }) => storageBytes(Size) },
  },
  columns: ['Project', 'Name', 'Created', 'Volumes', 'Containers', 'Size'],
}
