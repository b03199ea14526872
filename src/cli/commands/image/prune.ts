import { storageBytes } from '../../../notation/index.ts'
import { pruneImages } from '../../../project/storage/images.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { flag, list } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { confirm } from '../../views/confirm.ts'
import { filtersOf } from '../filters.ts'
import { deletedLines } from './deleted-lines.ts'

/** `tscompose image prune`. */
export const command: Command = defineCommand({
  description:
    'Removes images without a name that no container is made of; with --all those with names, too.',
  options: {
    all: flag('-a, --all', 'All that no container is made of'),
    filter: list('--filter <filter>', 'Only until=TIME, label=KEY[=VALUE] or label!=…; may be repeated'),
    force: flag('-f, --force', 'Do not ask'),
  },
  run: async (context, _args, { all, filter, force }) => {
    const filters = filtersOf(filter)
    const which = all ? 'all images without at least one container associated to them' : 'all dangling images'
    const question = `WARNING! This will remove ${which}.\nAre you sure you want to continue?`
    if (!force && !(await confirm(context, question))) return EXIT.ok
    const { ImagesDeleted, SpaceReclaimed } = await pruneImages(targetOf(context), { all, filters })
    const items = ImagesDeleted ?? []
    const list = items.length === 0 ? '' : `Deleted Images:\n${deletedLines(items, 'lower')}\n`
    context.streams.stdout.write(`${list}Total reclaimed space: ${storageBytes(SpaceReclaimed)}\n`)
    return EXIT.ok
  },
})
