import { approximateDuration } from '../../../notation/index.ts'
import { describePorts } from '../../../project/port.ts'
import { type NamedPortSummary, oomCell, type ProjectContainer } from '../../../project/ps.ts'
import {
  createdAt,
  ellipsis,
  labelMethod,
  labelsText,
  quoted,
  shortId,
} from '../../views/listing/docker-text.ts'
import type { Listing } from '../../views/listing/listing.ts'

/** Characters that lists show of a command, and of a mount. */
const COMMAND_WIDTH = 20
const MOUNT_WIDTH = 15
const ENGINE = 'com.docker.compose.engine'

const COLUMNS = ['Name', 'Image', 'Command', 'Service', 'RunningFor', 'Status', 'Ports']

const RAW = `container_id: {{.ID}}
image: {{.Image}}
command: {{.Command}}
created_at: {{.CreatedAt}}
state: {{.State}}
status: {{.Status}}
names: {{.Names}}
labels: {{.Labels}}
ports: {{.Ports}}
`

/** Containers with the fields of Docker Compose's `ps`; `now`: Unix milliseconds. */
export function psListing(truncate: boolean, now: number): Listing<ProjectContainer> {
  const short = (text: string, width: number): string => (truncate ? ellipsis(text, width) : text)
  return {
    fields: {
      Command: { title: 'COMMAND', of: ({ command }) => quoted(short(command, COMMAND_WIDTH)) },
      CreatedAt: { title: 'CREATED AT', of: ({ created }) => createdAt(created) },
      Engine: { title: 'ENGINE', of: ({ labels }) => labels[ENGINE] ?? '' },
      ExitCode: { title: 'EXIT CODE', of: ({ exitCode }) => exitCode },
      Health: { title: 'HEALTH', of: ({ health = '' }) => health },
      ID: { title: 'CONTAINER ID', of: ({ id }) => (truncate ? shortId(id) : id) },
      Ids: { title: 'IDS', of: ({ ids }) => idsText(ids) },
      Image: { title: 'IMAGE', of: ({ image }) => image },
      Labels: { title: 'LABELS', of: ({ labels }) => labelsText(labels) },
      LocalVolumes: { title: 'LOCAL VOLUMES', of: container => String(volumesOf(container)) },
      Localhost: { title: 'AT LOCALHOST', of: ({ names = [] }) => names.map(nameText).join(', ') },
      Mended: { title: 'REPAIRED', of: ({ mended }) => (mended === true ? 'as it goes' : '') },
      Mounts: {
        title: 'MOUNTS',
        of: ({ mounts }) =>
          mountNames(mounts)
            .map(name => short(name, MOUNT_WIDTH))
            .join(','),
      },
      Name: { title: 'NAME', of: ({ name }) => name },
      Names: { title: 'NAMES', of: ({ name }) => name },
      Networks: { title: 'NETWORKS', of: ({ networks }) => networks.join(',') },
      Node: { title: 'NODE', of: ({ node = '' }) => node },
      Oom: { title: 'OUT OF MEMORY', of: ({ oom }) => (oom === undefined ? '' : oomCell(oom)) },
      Ports: { title: 'PORTS', of: ({ ports }) => describePorts(ports) },
      Project: { title: 'PROJECT', of: ({ labels }) => labels['com.docker.compose.project'] ?? '' },
      Publishers: { of: ({ ports }) => ports.map(publisher) },
      RunningFor: {
        title: 'CREATED',
        of: ({ created }) => `${approximateDuration(now - created * 1000)} ago`,
      },
      Service: { title: 'SERVICE', of: ({ service }) => service },
      // Compose asks for no sizes, which would have each container's files counted.
      Size: { title: 'SIZE', of: () => '0B' },
      State: { title: 'STATE', of: ({ state }) => state },
      Status: { title: 'STATUS', of: ({ status }) => status },
    },
    columns: containers => [
      ...COLUMNS,
      ...(containers.some(({ labels }) => labels[ENGINE]) ? ['Engine'] : []),
      ...(containers.some(({ node }) => node !== undefined) ? ['Node'] : []),
      ...(containers.some(({ ids }) => isWithout(ids)) ? ['Ids'] : []),
      ...(containers.some(({ mended }) => mended === true) ? ['Mended'] : []),
      ...(containers.some(({ names = [] }) => names.length > 0) ? ['Localhost'] : []),
      ...(containers.some(({ oom }) => oom !== undefined) ? ['Oom'] : []),
    ],
    methods: { Label: labelMethod() },
    raw: RAW,
  }
}

/** Users of the host, for another reason than somebody's wish. */
const isWithout = (ids: ProjectContainer['ids']): boolean =>
  ids !== undefined && 'Reason' in ids && ids.Asked !== true

/** The host's number of user 0, or why all are the host's users. */
function idsText(ids: ProjectContainer['ids']): string {
  if (ids === undefined) return ''
  return 'First' in ids ? `from ${ids.First}` : `host: ${ids.Reason}`
}

const volumesOf = ({ mounts }: ProjectContainer): number =>
  mounts.filter(({ Type }) => Type === 'volume').length

/** A tmpfs has neither a name nor a source. */
const mountNames = (mounts: ProjectContainer['mounts']): string[] =>
  mounts.map(({ Name, Source }) => Name || Source).filter(name => name !== '')

function publisher({
  IP = '',
  PrivatePort,
  PublicPort = 0,
  Type,
}: ProjectContainer['ports'][number]): object {
  return { URL: IP, TargetPort: PrivatePort, PublishedPort: PublicPort, Protocol: Type }
}

/** `a.shop.localhost:8080`. */
function nameText({ Host, Port, Answers }: NamedPortSummary): string {
  return `${Host}:${Port}${Answers ? '' : ' (does not answer: the port is taken)'}`
}
