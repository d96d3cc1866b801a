# The emulator as an image. Build it in this folder: docker build -t cometchat-emulator .
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -o /image/cometchat-emulator ./cmd/cometchat-emulator
# Docker gives a new volume the owner of the folder that it is mounted on. /ca is for -ca.
RUN mkdir /image/data /image/ca

FROM scratch
COPY --from=build --chown=65532:65532 /image /
USER 65532:65532
# Where -tls keeps its certificate authority if there is no -data.
ENV XDG_CONFIG_HOME=/data
EXPOSE 8443
HEALTHCHECK --interval=5s CMD ["/cometchat-emulator", "-check", "localhost:8443"]
ENTRYPOINT ["/cometchat-emulator", "-addr", ":8443"]
CMD ["-data", "/data/emulator.json"]
