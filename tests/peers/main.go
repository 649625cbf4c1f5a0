// SPDX-License-Identifier: Apache-2.0

// Ci-copy copies one image with the current engine of skopeo, podman and buildah, whose releases
// in distributions are years older. It is that engine and nothing else, for scripts/bench and for
// tests that ask what the engine makes of an image.
//
//	ci-copy docker-archive:PATH docker://HOST/NAME:TAG
//
// Transports: docker-archive, oci-archive, oci, dir, docker. Every policy, signature and
// configuration file is left aside; TLS is not demanded of a registry on the loopback. Whatever
// the engine writes beside the destination goes below $HOME.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"go.podman.io/image/v5/copy"
	"go.podman.io/image/v5/docker/reference"
	"go.podman.io/image/v5/signature"
	"go.podman.io/image/v5/transports"
	"go.podman.io/image/v5/types"

	// Each registers itself. transports/alltransports would bring containers-storage and cgo too.
	_ "go.podman.io/image/v5/directory"
	_ "go.podman.io/image/v5/docker"
	_ "go.podman.io/image/v5/docker/archive"
	_ "go.podman.io/image/v5/oci/archive"
	_ "go.podman.io/image/v5/oci/layout"
)

func parse(name string) (types.ImageReference, error) {
	scheme, rest, _ := strings.Cut(name, ":")
	transport := transports.Get(scheme)
	if transport == nil {
		return nil, fmt.Errorf("%q: the transport is unknown", name)
	}
	return transport.ParseReference(rest)
}

// onLoopback says whether an image is in a registry on this machine.
func onLoopback(image types.ImageReference) bool {
	named := image.DockerReference()
	if image.Transport().Name() != "docker" || named == nil {
		return false
	}
	host := reference.Domain(named)
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	address := net.ParseIP(host)
	return host == "localhost" || address != nil && address.IsLoopback()
}

// contextOf keeps the engine away from the files of this machine.
func contextOf(image types.ImageReference, home string) *types.SystemContext {
	return &types.SystemContext{
		BigFilesTemporaryDir:        home,
		BlobInfoCacheDir:            filepath.Join(home, "blob-info-cache"),
		RegistriesDirPath:           filepath.Join(home, "registries.d"),
		SystemRegistriesConfPath:    os.DevNull,
		SystemRegistriesConfDirPath: filepath.Join(home, "registries.conf.d"),
		UserShortNameAliasConfPath:  filepath.Join(home, "aliases.conf"),
		DockerInsecureSkipTLSVerify: types.NewOptionalBool(onLoopback(image)),
	}
}

func run(arguments []string) error {
	if len(arguments) != 2 {
		return errors.New("usage: ci-copy TRANSPORT:SOURCE TRANSPORT:DESTINATION")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return err
	}
	source, err := parse(arguments[0])
	if err != nil {
		return err
	}
	destination, err := parse(arguments[1])
	if err != nil {
		return err
	}
	accept, err := signature.NewPolicyContext(&signature.Policy{
		Default: signature.PolicyRequirements{signature.NewPRInsecureAcceptAnything()},
	})
	if err != nil {
		return err
	}
	defer func() { _ = accept.Destroy() }()
	_, err = copy.Image(context.Background(), accept, destination, source, &copy.Options{
		RemoveSignatures: true,
		ReportWriter:     os.Stdout,
		SourceCtx:        contextOf(source, home),
		DestinationCtx:   contextOf(destination, home),
	})
	return err
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "ci-copy:", err)
		os.Exit(1)
	}
}
