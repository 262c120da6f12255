import { MetadataService } from '@aws-sdk/ec2-metadata-service';

/** One second each, as the AWS SDKs wait: off EC2 nothing answers. */
const TIMEOUT_MS = 1_000;

/** The Region of the EC2 instance this runs on, from its metadata service; undefined anywhere else. */
export const instanceRegion = async (
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> => {
  if (env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true') return undefined;
  const metadata = new MetadataService({
    httpOptions: { timeout: TIMEOUT_MS },
    retries: 0,
    ec2MetadataV1Disabled: true,
  });
  try {
    // Without a slash in front: the package sets one, and a second is another path to a strict server.
    const region = await metadata.request('latest/meta-data/placement/region', {});
    return region.trim() || undefined;
  } catch {
    return undefined;
  }
};
