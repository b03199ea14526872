import type {
  ConfigInspect,
  NodeInspect,
  PluginInspect,
  SecretInspect,
  ServiceInspect,
  SwarmInspect,
  TaskInspect,
} from '../api/types/index.ts'
import type { Archive, CallControl, Credentials, Options, WithAuth } from './calls/call.ts'
import { type Args, type AuthArgs, settle, takeAuth } from './calls/callback.ts'
import { Caller } from './calls/caller.ts'
import { Config } from './objects/config.ts'
import { Node } from './objects/node.ts'
import { Plugin } from './objects/plugin.ts'
import { Secret } from './objects/secret.ts'
import { Service } from './objects/service.ts'
import { Task } from './objects/task.ts'

/** Of `createPlugin`: the name, and the plugin as a tar, which Docker wants. */
export interface CreatePluginOptions extends Options<'pluginCreate'> {
  readonly file?: Archive | undefined
}

/** The client's calls about a swarm and what is in it, and about plugins. */
export abstract class ClusterCalls extends Caller {
  /** A service by id or name, unasked. */
  getService(id: string): Service {
    return new Service(this.modem, id)
  }

  /** A task by id, unasked. */
  getTask(id: string): Task {
    return new Task(this.modem, id)
  }

  /** A node by id or name, unasked. */
  getNode(id: string): Node {
    return new Node(this.modem, id)
  }

  /** A secret by id or name, unasked. */
  getSecret(id: string): Secret {
    return new Secret(this.modem, id)
  }

  /** A config by id or name, unasked. */
  getConfig(id: string): Config {
    return new Config(this.modem, id)
  }

  /** A plugin by name, and by where it comes from if that is another name; unasked. */
  getPlugin(name: string, remote?: string): Plugin {
    return new Plugin(this.modem, name, remote)
  }

  /** Begins a swarm with this engine alone, and gives the id of its node. */
  swarmInit(...args: Args<Options<'swarmInit'>, string>): Promise<string> {
    return this.ask('swarmInit', args)
  }

  /** Has the engine join a swarm. */
  swarmJoin(...args: Args<Options<'swarmJoin'>, void>): Promise<void> {
    return this.ask('swarmJoin', args)
  }

  /** Has it leave its swarm. */
  swarmLeave(...args: Args<Options<'swarmLeave'>, void>): Promise<void> {
    return this.ask('swarmLeave', args)
  }

  /** Changes how the swarm is run; `version` is that of the swarm that is meant. */
  swarmUpdate(...args: Args<Options<'swarmUpdate'>, void>): Promise<void> {
    return this.ask('swarmUpdate', args)
  }

  /** What the swarm is. */
  swarmInspect(...args: Args<CallControl, SwarmInspect>): Promise<SwarmInspect> {
    return this.ask('swarmInspect', args)
  }

  /** Machines of the swarm. */
  listNodes(...args: Args<Options<'nodeList'>, readonly NodeInspect[]>): Promise<readonly NodeInspect[]> {
    return this.ask('nodeList', args)
  }

  /** Services. */
  listServices(
    ...args: Args<Options<'serviceList'>, readonly ServiceInspect[]>
  ): Promise<readonly ServiceInspect[]> {
    return this.ask('serviceList', args)
  }

  /** Tasks of services. */
  listTasks(...args: Args<Options<'taskList'>, readonly TaskInspect[]>): Promise<readonly TaskInspect[]> {
    return this.ask('taskList', args)
  }

  /** Secrets. */
  listSecrets(
    ...args: Args<Options<'secretList'>, readonly SecretInspect[]>
  ): Promise<readonly SecretInspect[]> {
    return this.ask('secretList', args)
  }

  /** Configs. */
  listConfigs(
    ...args: Args<Options<'configList'>, readonly ConfigInspect[]>
  ): Promise<readonly ConfigInspect[]> {
    return this.ask('configList', args)
  }

  /** Plugins. */
  listPlugins(
    ...args: Args<Options<'pluginList'>, readonly PluginInspect[]>
  ): Promise<readonly PluginInspect[]> {
    return this.ask('pluginList', args)
  }

  /** Creates a service. Credentials for its image's registry may come first. */
  createService(
    ...args: AuthArgs<Credentials, WithAuth<Options<'serviceCreate'>>, Service>
  ): Promise<Service> {
    const { auth, options, callback } = takeAuth(args)
    return settle(this.modem.Promise, callback, async () =>
      this.getService((await this.value('serviceCreate', options, { auth })).ID),
    )
  }

  /** Creates a secret; `Data` is base64. */
  createSecret(...args: Args<Options<'secretCreate'>, Secret>): Promise<Secret> {
    return this.work(args, async options => this.getSecret((await this.value('secretCreate', options)).ID))
  }

  /** Creates a config; `Data` is base64. */
  createConfig(...args: Args<Options<'configCreate'>, Config>): Promise<Config> {
    return this.work(args, async options => this.getConfig((await this.value('configCreate', options)).ID))
  }

  /** Creates a plugin of a tar. */
  createPlugin(...args: Args<CreatePluginOptions, Plugin>): Promise<Plugin> {
    return this.work<CreatePluginOptions, Plugin>(args, async ({ file, ...options } = {}) => {
      await this.value('pluginCreate', options, { file })
      return this.getPlugin(options.name === undefined ? '' : String(options.name))
    })
  }
}
