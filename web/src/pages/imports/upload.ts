import { ApiError, refusalFrom } from "../../api/client";
import type { UploadView } from "../../api/schema";

export interface Upload {
  done: Promise<UploadView>;
  cancel(): void;
}

/** Sends a file for import; tells how much of it has left, from 0 to 1. fetch cannot. */
export function upload(file: File, onProgress: (share: number) => void): Upload {
  const request = new XMLHttpRequest();
  const done = new Promise<UploadView>((resolve, reject) => {
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status < 400) resolve(JSON.parse(request.responseText) as UploadView);
      else reject(refusalFrom(request.status, request.responseText));
    };
    request.onerror = () => reject(new ApiError("unreachable", "The file could not be sent."));
    request.onabort = () =>
      reject(new ApiError("refused", "Sending was cancelled.", "", "cancelled"));
  });
  request.open("POST", `/api/v1/imports/files?name=${encodeURIComponent(file.name)}`);
  request.send(file);
  return { done, cancel: () => request.abort() };
}
