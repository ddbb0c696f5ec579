/* The finished scene into the window: linear light to sRGB, unless it comes as stored,
   with a grain too fine to see that keeps the sky free of bands. */
uniform sampler2D scene;
uniform bool raw;

out vec4 colour;

void main()
{
    vec3 s = textureLod(scene, gl_FragCoord.xy / vec2(textureSize(scene, 0)), 0.0).rgb;
    if (!raw)
        s = mix(s * 12.92, 1.055 * pow(s, vec3(1.0 / 2.4)) - 0.055, step(0.0031308, s));
    float grain = fract(sin(dot(gl_FragCoord.xy, vec2(12.9898, 78.233))) * 43758.5453);
    colour = vec4(s + (grain - 0.5) / 255.0, 1.0);
}
