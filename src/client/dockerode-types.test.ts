import type Theirs from 'dockerode'
import { describe, expectTypeOf, it } from 'vitest'
import { Docker } from './docker.ts'

// Our types beside DefinitelyTyped's of dockerode: whoever goes from one to the other finds every name, may call with what he has, and finds in
// answers every field that Docker still sends. The compiler holds this; nothing runs.

type Ours = {
  readonly [K in 'Container' | 'Image' | 'Volume' | 'Network' | 'Exec' | 'Service']: InstanceType<
    (typeof Docker)[K]
  >
} & { readonly [K in 'Task' | 'Node' | 'Secret' | 'Config' | 'Plugin']: InstanceType<(typeof Docker)[K]> }

/** Names that theirs has and ours has not. */
type Missing<O, T> = Exclude<keyof T, keyof O>

it('has every method and field of every class', () => {
  expectTypeOf<Missing<Docker, Theirs>>().toBeNever()
  expectTypeOf<Missing<Ours['Container'], Theirs.Container>>().toBeNever()
  expectTypeOf<Missing<Ours['Image'], Theirs.Image>>().toBeNever()
  expectTypeOf<Missing<Ours['Volume'], Theirs.Volume>>().toBeNever()
  expectTypeOf<Missing<Ours['Exec'], Theirs.Exec>>().toBeNever()
  expectTypeOf<Missing<Ours['Task'], Theirs.Task>>().toBeNever()
  expectTypeOf<Missing<Ours['Node'], Theirs.Node>>().toBeNever()
  expectTypeOf<Missing<Ours['Config'], Theirs.Config>>().toBeNever()
  expectTypeOf<Missing<Ours['Plugin'], Theirs.Plugin>>().toBeNever()
  expectTypeOf<Missing<Docker['modem'], Theirs['modem']>>().toBeNever()
  // DefinitelyTyped has fields of what is listed on these handles, too, where dockerode has none.
  type Listed = 'CreatedAt' | 'ID' | 'Spec' | 'UpdatedAt' | 'Version'
  expectTypeOf<Missing<Ours['Network'], Theirs.Network>>().toEqualTypeOf<'Type'>()
  expectTypeOf<Missing<Ours['Secret'], Theirs.Secret>>().toEqualTypeOf<Listed>()
  expectTypeOf<Missing<Ours['Service'], Theirs.Service>>().toEqualTypeOf<
    Listed | 'Endpoint' | 'JobStatus' | 'PreviousSpec' | 'ServiceStatus' | 'UpdateStatus'
  >()
})

/** Values of their kinds of options: what is compiled with them is never called. */
interface Given {
  readonly auth: Theirs.AuthConfig
  readonly attach: Theirs.ContainerAttachOptions
  readonly build: Theirs.ImageBuildOptions
  readonly context: Theirs.ImageBuildContext
  readonly create: Theirs.ContainerCreateOptions
  readonly distribution: Theirs.ImageDistributionOptions
  readonly docker: Omit<Theirs.DockerOptions, 'sshOptions'>
  readonly events: Theirs.GetEventsOptions
  readonly exec: Theirs.ExecCreateOptions
  readonly execStart: Theirs.ExecStartOptions
  readonly inspect: Theirs.ContainerInspectOptions
  readonly list: Theirs.ContainerListOptions
  readonly listImages: Theirs.ListImagesOptions
  readonly logs: Theirs.ContainerLogsOptions
  readonly network: Theirs.NetworkCreateOptions
  readonly networks: Theirs.NetworkListOptions
  readonly nodes: Theirs.NodeListOptions
  readonly outputs: NodeJS.WritableStream[]
  readonly push: Theirs.ImagePushOptions
  readonly remove: Theirs.ContainerRemoveOptions
  readonly removeImage: Theirs.ImageRemoveOptions
  readonly removeVolume: Theirs.VolumeRemoveOptions
  readonly service: Theirs.ServiceSpec
  readonly services: Theirs.ServiceListOptions
  readonly start: Theirs.ContainerStartOptions
  readonly stop: Theirs.ContainerStopOptions
  readonly tag: Theirs.ImageTagOptions
  readonly tar: NodeJS.ReadableStream
  readonly volume: Theirs.VolumeCreateOptions
  readonly volumes: Theirs.VolumeListOptions
  readonly wait: Theirs.ContainerWaitOptions
  readonly pruneVolumes: Theirs.VolumePruneOptions
}

it('is called with what dockerode is called with', () => {
  // biome-ignore format: one call a line.
  const calls = (docker: Docker, given: Given): unknown => {
    const [container, image] = [docker.getContainer('c'), docker.getImage('i')]
    return [
      new Docker(given.docker),
      docker.createContainer(given.create), docker.createContainer(given.create, (error, made) => [error, made?.id]),
      docker.createImage(given.auth, {}), docker.createImage({}), docker.createImage({}, () => undefined),
      docker.loadImage(given.tar), docker.importImage(given.tar, {}), docker.checkAuth(given.auth),
      docker.buildImage(given.context, given.build), docker.buildImage(given.tar, () => undefined),
      docker.listContainers(given.list), docker.listImages(given.listImages), docker.listServices(given.services),
      docker.listNodes(given.nodes), docker.listVolumes(given.volumes), docker.listNetworks(given.networks),
      docker.createVolume(given.volume), docker.createNetwork(given.network), docker.createService(given.auth, given.service),
      docker.pruneVolumes(given.pruneVolumes), docker.getEvents(given.events), docker.pull('i', {}), docker.pull('i', {}, () => undefined, {}),
      docker.run('i', ['a'], given.outputs, given.create, given.start), docker.run('i', [], given.outputs, given.create, given.start, () => undefined),
      container.inspect(given.inspect), container.start(given.start), container.stop(given.stop), container.exec(given.exec),
      container.wait(given.wait), container.remove(given.remove), container.attach(given.attach), container.putArchive(given.tar, {}),
      container.logs({ ...given.logs, follow: true }), container.logs({ ...given.logs, follow: false }), container.stats({ stream: true }),
      image.push(given.push), image.push(given.push, undefined, given.auth), image.tag(given.tag), image.remove(given.removeImage), image.distribution(given.distribution),
      docker.getVolume('v').remove(given.removeVolume), docker.getExec('e').start(given.execStart), docker.getPlugin('p', 'r').upgrade({}, {}),
      docker.getService('s').logs(given.logs),
    ]
  }
  expectTypeOf(calls).toBeFunction()
})

describe('answers', () => {
  it('have every field that Docker still sends', () => {
    type Inspect = Awaited<ReturnType<Ours['Container']['inspect']>>
    expectTypeOf<Missing<Inspect, Theirs.ContainerInspectInfo>>().toBeNever()
    expectTypeOf<Missing<Inspect['State'], Theirs.ContainerInspectInfo['State']>>().toBeNever()
    type Listed = Awaited<ReturnType<Docker['listContainers']>>[number]
    expectTypeOf<Missing<Listed, Theirs.ContainerInfo>>().toBeNever()
    type Image = Awaited<ReturnType<Docker['listImages']>>[number]
    // API 1.44 took the first away; the other is of an image store that ours is not.
    expectTypeOf<Missing<Image, Theirs.ImageInfo>>().toEqualTypeOf<'VirtualSize' | 'Descriptor'>()
    type Network = Awaited<ReturnType<Docker['listNetworks']>>[number]
    expectTypeOf<Missing<Network, Theirs.NetworkInspectInfo>>().toBeNever()
    type Version = Awaited<ReturnType<Docker['version']>>
    expectTypeOf<Missing<Version, Theirs.DockerVersion>>().toBeNever()
    type Volume = Awaited<ReturnType<Ours['Volume']['inspect']>>
    expectTypeOf<Missing<Volume, Theirs.VolumeInspectInfo>>().toBeNever()
    type Exec = Awaited<ReturnType<Ours['Exec']['inspect']>>
    expectTypeOf<Missing<Exec, Theirs.ExecInspectInfo>>().toBeNever()
    type Config = Awaited<ReturnType<Ours['Config']['inspect']>>
    expectTypeOf<Missing<Config, Theirs.ConfigInfo>>().toBeNever()
    type Pruned = Awaited<ReturnType<Docker['pruneContainers']>>
    expectTypeOf<Missing<Pruned, Theirs.PruneContainersInfo>>().toBeNever()
  })
})
