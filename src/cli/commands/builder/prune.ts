import { failure } from '../../../diagnostics/index.ts'
import { parseBytes, storageBytes } from '../../../notation/index.ts'
import { pruneBuilds } from '../../../project/storage/prune.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { flag, given, list, text } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { confirm } from '../../views/confirm.ts'
import { filtersOf } from '../filters.ts'

/** `tscompose builder prune`. */
export const command: Command = defineCommand({
  description: 'Removes what builds have cached: steps, contexts, and the folders of RUN --mount=type=cache.',
  options: {
    all: flag('-a, --all', 'All, as it is in any case: nothing here is kept for its age'),
    filter: list('--filter <filter>', 'Only until=TIME, unused-for=TIME or id=ID; may be repeated'),
    force: flag('-f, --force', 'Do not ask'),
    keepStorage: text('--keep-storage <size>', 'How much may stay'),
  },
  run: async (context, _args, { all, filter, force, keepStorage }) => {
    const request = { all, filters: filtersOf(filter), ...given({ keepBytes: bytesOf(keepStorage) }) }
    const which = all ? 'all build cache' : 'all dangling build cache'
    const question = `WARNING! This will remove ${which}. Are you sure you want to continue?`
    if (!force && !(await confirm(context, question))) return EXIT.ok
    const { CachesDeleted, SpaceReclaimed } = await pruneBuilds(targetOf(context), request)
    const steps = CachesDeleted ?? []
    const lines = steps.length === 0 ? '' : `Deleted build cache objects:\n${steps.join('\n')}\n\n`
    context.streams.stdout.write(`${lines}Total reclaimed space: ${storageBytes(SpaceReclaimed)}\n`)
    return EXIT.ok
  },
})

/** Raises FLAG_VALUE. */
function bytesOf(size: string | undefined): number | undefined {
  if (size === undefined) return undefined
  const bytes = parseBytes(size)
  if (bytes !== undefined && bytes >= 0) return Number(bytes)
  throw failure({
    code: 'FLAG_VALUE',
    kind: 'invalidArgument',
    summary: `--keep-storage: got "${size}", want a size such as 10GB`,
  })
}
