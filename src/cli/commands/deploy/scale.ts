import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { flag, given, number } from '../../option.ts'
import { readScales } from '../up/options.ts'
import { NOTHING, showDeploy } from './show.ts'
import { clusterOf, WHERE, WHERE_CONFLICTS } from './where.ts'

/** `tscompose deploy scale`. */
export const command: Command = defineCommand({
  description:
    'Sets how many pods, or tasks, services have on the cluster. The next deploy goes back to what the file says.',
  options: {
    ...WHERE,
    detach: flag('-d, --detach', 'Return once the cluster has been told'),
    timeout: number('--timeout <seconds>', 'How long to wait until all runs (default 300)'),
  },
  conflicts: WHERE_CONFLICTS,
  examples: [['tscompose deploy scale --to kubernetes worker=3', 'three workers']],
  run: async (context, words, options) => {
    const scale = new Map(Object.entries(readScales('scale', words)))
    const cluster = await clusterOf(context, options)
    const { detach, timeout } = options
    await showDeploy(context, NOTHING, work =>
      cluster.deploy(
        { services: [...scale.keys()], scale, push: false },
        { ...work, detach, ...given({ timeout }) },
      ),
    )
    return EXIT.ok
  },
})
