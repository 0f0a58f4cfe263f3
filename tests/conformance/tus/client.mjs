// tus-js-client: `node client.mjs '{"endpoint": …, "file": …, "metadata": …, "stopAfter": bytes, "uploadUrl": …}'`.
// Prints {"url": …, "stopped": bool, "firstOffset": bytes} when the upload is whole or was stopped on the way.
import { createReadStream, statSync } from 'node:fs'
import { Upload } from 'tus-js-client'

const asked = JSON.parse(process.argv[2])
let firstOffset = null
const done = (stopped) => {
  console.log(JSON.stringify({ url: upload.url, stopped, firstOffset }))
  process.exit(0)
}
const upload = new Upload(createReadStream(asked.file), {
  endpoint: asked.endpoint,
  uploadUrl: asked.uploadUrl ?? null,
  uploadSize: statSync(asked.file).size,
  chunkSize: asked.chunkSize,
  metadata: asked.metadata,
  retryDelays: Array(40).fill(20),
  onError: (error) => {
    console.error(String(error))
    process.exit(1)
  },
  onSuccess: () => done(false),
  onChunkComplete: (size, accepted) => {
    firstOffset ??= accepted - size
    if (asked.stopAfter && accepted >= asked.stopAfter) upload.abort().then(() => done(true))
  },
})
upload.start()
