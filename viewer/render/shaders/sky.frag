in vec3 direction;

out vec4 colour;

void main()
{
    float h = normalize(direction).z;
    colour = vec4(mix(frame.horizon.rgb, frame.zenith.rgb, pow(clamp(h * 1.6, 0.0, 1.0), 0.6)),
                  1.0);
}
