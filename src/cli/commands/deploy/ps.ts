import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { flag, text } from '../../option.ts'
import { FORMAT_HELP, openFormat } from '../../views/listing/open-format.ts'
import { psListing } from '../ps/view.ts'
import { clusterOf, WHERE, WHERE_CONFLICTS } from './where.ts'

/** `tscompose deploy ps`. */
export const command: Command = defineCommand({
  description:
    'Lists the running containers of the project on all nodes of the cluster, as ps does; a state says why one does not run.',
  options: {
    ...WHERE,
    all: flag('-a, --all', 'Those that have ended, too'),
    quiet: flag('-q, --quiet', 'Ids alone'),
    format: text('--format <format>', FORMAT_HELP),
    noTrunc: flag('--no-trunc', 'Show commands and ids whole'),
  },
  conflicts: WHERE_CONFLICTS,
  examples: [['tscompose deploy ps --to kubernetes web', 'pods of web, and the nodes that they are on']],
  run: async (context, services, options) => {
    const { all, quiet, format, noTrunc } = options
    const render = await openFormat(psListing(!noTrunc, Date.now()), format)
    const found = await (await clusterOf(context, options)).ps({ services, all })
    context.streams.stdout.write(quiet ? found.map(({ id }) => `${id}\n`).join('') : render(found))
    return EXIT.ok
  },
})
