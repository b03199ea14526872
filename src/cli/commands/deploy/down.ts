import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { flag, given, number } from '../../option.ts'
import { showDeploy } from './show.ts'
import { clusterOf, WHERE, WHERE_CONFLICTS } from './where.ts'

/** `tscompose deploy down`. */
export const command: Command = defineCommand({
  description:
    'Removes all that deploys of the project have made. Volumes stay unless -v is given, and what they are in with them.',
  options: {
    ...WHERE,
    volumes: flag('-v, --volumes', 'Remove volumes, too: their data is lost'),
    timeout: number('--timeout <seconds>', 'How long to wait until all is gone (default 300)'),
    detach: flag('-d, --detach', 'Return once the cluster has been told'),
  },
  conflicts: WHERE_CONFLICTS,
  examples: [['tscompose deploy down --to kubernetes -v', 'as if it had never been']],
  run: async (context, [stack], options) => {
    const { volumes, timeout, detach } = options
    const cluster = await clusterOf(context, options, stack)
    await showDeploy(context, 'Nothing to remove', work =>
      cluster.down({ volumes }, { ...work, detach, ...given({ timeout }) }),
    )
    return EXIT.ok
  },
})
