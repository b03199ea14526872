import { resolve } from 'node:path'
import { type Cluster, type ClusterKind, openCluster } from '../../../project/deploy/index.ts'
import type { CommandContext } from '../../command.ts'
import { choice, given, type Option, type OptionValues, text } from '../../option.ts'
import { targetOf } from '../../target.ts'

type Text = Option<string | undefined>

interface WhereOptions {
  readonly to: Option<ClusterKind | undefined>
  readonly context: Text
  readonly host: Text
  readonly namespace: Text
  readonly kubeconfig: Text
}

/** The options that say which cluster is meant: all commands of the group have them. */
export const WHERE: WhereOptions = {
  to: choice('--to <engine>', 'What runs the project (default swarm)', ['swarm', 'kubernetes']),
  context: text('--context <name>', 'Context of the Docker CLI, or of kubeconfig'),
  host: text('-H, --host <url>', 'Swarm: a manager, unix://, tcp:// or ssh://'),
  namespace: text(
    '--namespace <name>',
    'Kubernetes: namespace of all objects (default: the name of the project)',
  ),
  kubeconfig: text('--kubeconfig <file>', 'Kubernetes: file to take contexts from, instead of KUBECONFIG'),
}

/** The project on the cluster that options mean; `stack` names it instead of the file. */
export function clusterOf(
  context: CommandContext,
  { to = 'swarm', kubeconfig, ...place }: OptionValues<{ [Name in keyof WhereOptions]: WhereOptions[Name] }>,
  stack?: string,
): Promise<Cluster> {
  const { context: named, host, namespace } = place
  return openCluster(
    { ...targetOf(context), ...(stack === undefined ? {} : { projectName: stack }) },
    {
      to,
      ...given({ context: named, host, namespace }),
      ...(kubeconfig === undefined ? {} : { kubeconfig: resolve(context.cwd, kubeconfig) }),
    },
  )
}
