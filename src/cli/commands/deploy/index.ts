import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { choice, flag, given, number } from '../../option.ts'
import { NOTHING, showDeploy } from './show.ts'
import { clusterOf, WHERE, WHERE_CONFLICTS } from './where.ts'

/** `tscompose deploy`. */
export const command: Command = defineCommand({
  description:
    'Brings the project to a cluster: what is not there is made, what differs from the file is changed, and the rest is left alone. ' +
    'Then it waits until all runs, and tells why what does not.\n' +
    'deploy plan shows what it would do; deploy ps, logs, scale and down are as they are without a cluster.',
  options: {
    ...WHERE,
    prune: flag('--prune', 'Remove what an earlier deploy has made and the file does not have any more'),
    force: flag('--force', 'Take back what others have set by hand'),
    rollback: flag('--rollback', 'Bring services back to what they were before their last change'),
    resolveImage: choice(
      '--resolve-image <when>',
      'Swarm: when registries are asked for the digests of images (default always)',
      ['always', 'changed', 'never'],
    ),
    strict: flag('--strict', 'Swarm: change nothing where something of the file is lost'),
    detach: flag('-d, --detach', 'Return once the cluster has been told'),
    timeout: number('--timeout <seconds>', 'How long to wait until all runs (default 300)'),
    noPush: flag('--no-push', 'Push no images that services build'),
  },
  conflicts: [...WHERE_CONFLICTS, ['rollback', 'prune'], ['rollback', 'force']],
  examples: [
    ['tscompose deploy --to kubernetes --dry-run', 'Show what would be done'],
    ['tscompose deploy --to kubernetes --prune', 'Do it, and remove what the file no longer has'],
    ['tscompose deploy --to kubernetes --rollback', 'Go back to what ran before the last change of each'],
  ],
  run: async (context, [stack], options) => {
    const { prune, force, rollback, detach, timeout, noPush, resolveImage, strict } = options
    const cluster = await clusterOf(context, options, stack)
    await showDeploy(context, NOTHING, work => {
      const follow = { ...work, detach, ...given({ timeout }) }
      return rollback
        ? cluster.rollback(follow)
        : cluster.deploy({ prune, force, strict, push: !noPush, ...given({ resolveImage }) }, follow)
    })
    return EXIT.ok
  },
})
