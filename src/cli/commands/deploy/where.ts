import { resolve } from 'node:path'
import { failure } from '../../../diagnostics/index.ts'
import {
  type Choice,
  type Cluster,
  type ClusterKind,
  openCluster,
  whichCluster,
} from '../../../project/deploy/index.ts'
import type { CommandContext } from '../../command.ts'
import { choice, given, type Option, type OptionValues, text } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { statusStream } from '../../views/progress/index.ts'

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
  to: choice(
    '--to <engine>',
    'What runs the project; where it is not said, what the machine knows of clusters decides',
    ['swarm', 'kubernetes'],
  ),
  context: text('--context <name>', 'Context of the Docker CLI, or of kubeconfig'),
  host: text('-H, --host <url>', 'Swarm: a manager, unix://, tcp:// or ssh://'),
  namespace: text(
    '--namespace <name>',
    'Kubernetes: namespace of all objects (default: the name of the project)',
  ),
  kubeconfig: text('--kubeconfig <file>', 'Kubernetes: file to take contexts from, instead of KUBECONFIG'),
}

/** Options that exclude each other in all of these commands. */
export const WHERE_CONFLICTS = [
  ['host', 'context'],
  ['host', 'kubeconfig'],
  ['host', 'namespace'],
] as const

type Where = OptionValues<{ [Name in keyof WhereOptions]: WhereOptions[Name] }>

/** The project on the cluster that options mean; `stack` names it instead of the file. Errors: FLAG_CONFLICT, DEPLOY_CLUSTER. */
export async function clusterOf(context: CommandContext, where: Where, stack?: string): Promise<Cluster> {
  const { context: named, host, namespace, to: said } = where
  const target = { ...targetOf(context), ...(stack === undefined ? {} : { projectName: stack }) }
  const kubeconfig = where.kubeconfig === undefined ? undefined : resolve(context.cwd, where.kubeconfig)
  const place = given({ context: named, host, namespace, kubeconfig })
  const choice = await whichCluster(target, { ...place, ...given({ to: said }) })
  checkOptions(choice.to, where)
  tellChoice(context, choice)
  return openCluster(target, { ...place, to: choice.to })
}

/** What the other kind of cluster takes. */
function checkOptions(to: ClusterKind, { host, kubeconfig, namespace }: Where): void {
  const wrong =
    to === 'kubernetes'
      ? host !== undefined && '--host'
      : (kubeconfig !== undefined && '--kubeconfig') || (namespace !== undefined && '--namespace')
  if (wrong === false) return
  throw failure({
    code: 'FLAG_CONFLICT',
    kind: 'invalidArgument',
    summary: `${wrong} is nothing for ${to === 'swarm' ? 'a Swarm' : 'Kubernetes'}`,
  })
}

/** Where nobody has said in so many words which cluster is meant, it is said by us. */
function tellChoice(context: CommandContext, { to, by }: Choice): void {
  const { progress } = context.globals
  if (by === undefined || progress === 'quiet' || progress === 'json' || progress === 'rawjson') return
  statusStream(context).write(`On ${to === 'swarm' ? 'the Swarm' : 'Kubernetes'}, as ${by} has it\n`)
}
