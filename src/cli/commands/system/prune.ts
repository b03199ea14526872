import { storageBytes } from '../../../notation/index.ts'
import { type PrunedSystem, pruneSystem } from '../../../project/storage/prune.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { flag, list } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { confirm } from '../../views/confirm.ts'
import { filtersOf } from '../filters.ts'
import { deletedLines } from '../image/deleted-lines.ts'

/** `tscompose system prune`. */
export const command: Command = defineCommand({
  description:
    'Removes stopped containers, networks that nobody is on, images without a name and cached steps of builds; whatever project they are of.',
  options: {
    all: flag('-a, --all', 'All images that no container is made of'),
    filter: list('--filter <filter>', 'Only until=TIME or label=KEY[=VALUE]; may be repeated'),
    force: flag('-f, --force', 'Do not ask'),
    volumes: flag('--volumes', 'Anonymous volumes, too'),
  },
  run: async (context, _args, { all, filter, force, volumes }) => {
    const filters = filtersOf(filter)
    if (!force && !(await confirm(context, warning({ all, volumes, filter })))) return EXIT.ok
    context.streams.stdout.write(textOf(await pruneSystem(targetOf(context), { all, volumes, filters })))
    return EXIT.ok
  },
})

function warning(options: {
  readonly all: boolean
  readonly volumes: boolean
  readonly filter: readonly string[]
}): string {
  const things = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(options.volumes ? ['all anonymous volumes not used by at least one container'] : []),
    options.all ? 'all images without at least one container associated to them' : 'all dangling images',
    options.all ? 'all build cache' : 'unused build cache',
  ]
  const lines = [
    'WARNING! This will remove:',
    ...things.map(thing => `  - ${thing}`),
    ...(options.filter.length === 0 ? [] : ['', '  Items to be pruned will be filtered with:']),
    ...options.filter.map(each => `  - ${each}`),
    '',
    'Are you sure you want to continue?',
  ]
  return lines.join('\n')
}

function textOf({ containers, networks, volumes, images, steps, reclaimed }: PrunedSystem): string {
  const section = (title: string, names: readonly string[]): string =>
    names.length === 0 ? '' : `${title}:\n${names.join('\n')}\n\n`
  const deleted = images.length === 0 ? '' : `Deleted Images:\n${deletedLines(images, 'lower')}\n`
  return [
    section('Deleted Containers', containers),
    section('Deleted Networks', networks),
    section('Deleted Volumes', volumes),
    deleted,
    section('Deleted build cache objects', steps),
    `Total reclaimed space: ${storageBytes(reclaimed)}\n`,
  ].join('')
}
