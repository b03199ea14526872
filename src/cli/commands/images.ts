import { approximateDuration, decimalBytes } from '../../notation/index.ts'
import { type ContainerImage, images } from '../../project/images.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { flag, text } from '../option.ts'
import { targetOf } from '../target.ts'
import { createdAt, shortId } from '../views/listing/docker-text.ts'
import type { Listing } from '../views/listing/listing.ts'
import { FORMAT_HELP, openFormat } from '../views/listing/open-format.ts'

/** `tscompose images`. */
export const command: Command = defineCommand({
  description: 'Lists the images that the containers of the project are made of, running or not.',
  options: {
    quiet: flag('-q, --quiet', 'Ids alone, each once'),
    format: text('--format <format>', FORMAT_HELP),
  },
  examples: [["tscompose images --format json | jq -r '.[].ID'", 'one array, for programs']],
  run: async (context, services, { quiet, format }) => {
    const render = await openFormat(imageListing(Date.now()), format)
    const shown = await images(targetOf(context), { services })
    const ids = new Set(shown.map(({ id }) => `${id.replace(/^sha256:/, '')}\n`))
    context.streams.stdout.write(quiet ? [...ids].join('') : render(shown))
    return EXIT.ok
  },
})

/** Images with the fields of Docker's lists; as JSON with those of Docker Compose. `now`: Unix milliseconds. */
function imageListing(now: number): Listing<ContainerImage> {
  return {
    fields: {
      ContainerName: { title: 'CONTAINER', of: ({ container }) => container },
      Service: { title: 'SERVICE', of: ({ service }) => service },
      Repository: { title: 'REPOSITORY', of: ({ repository = '<none>' }) => repository },
      Tag: { title: 'TAG', of: ({ tag = '<none>' }) => tag },
      Platform: { title: 'PLATFORM', of: ({ platform }) => platform },
      ID: { title: 'IMAGE ID', of: ({ id }) => shortId(id) },
      Size: { title: 'SIZE', of: ({ size }) => decimalBytes(size) },
      CreatedSince: {
        title: 'CREATED',
        of: ({ created }) =>
          created === undefined ? 'N/A' : `${approximateDuration(now - created * 1000)} ago`,
      },
      CreatedAt: {
        title: 'CREATED AT',
        of: ({ created }) => (created === undefined ? 'N/A' : createdAt(created)),
      },
    },
    columns: ['ContainerName', 'Repository', 'Tag', 'Platform', 'ID', 'Size', 'CreatedSince'],
    json: shown => `${JSON.stringify(shown.map(composeImage))}\n`,
    form: { narrowest: 20 },
  }
}

function composeImage({
  id,
  container,
  repository = '',
  tag = '',
  platform,
  size,
  created,
  taggedAt,
}: ContainerImage): object {
  return {
    ID: id,
    ContainerName: container,
    Repository: repository,
    Tag: tag,
    Platform: platform,
    Size: size,
    ...(created === undefined ? {} : { Created: new Date(created * 1000).toISOString() }),
    ...(taggedAt === undefined ? {} : { LastTagTime: taggedAt }),
  }
}
